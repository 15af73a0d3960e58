import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.rocketmq.filter.FilterFactory;
import org.apache.rocketmq.filter.expression.EvaluationContext;
import org.apache.rocketmq.filter.expression.Expression;

/**
 * What the broker's own SQL92 filter makes of expressions. Every line of standard input is an expression, a tab, and
 * properties as name=value joined by tabs; the answer is one line each:
 *
 * <pre>
 * refused          the expression cannot be compiled
 * true             the message is delivered
 * false            it is not: false, unknown, or an error
 * </pre>
 */
public final class SqlFilter {
    private SqlFilter() {}

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        StringBuilder out = new StringBuilder();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] parts = line.split("\t", -1);
            Map<String, Object> properties = new HashMap<>();
            for (int i = 1; i < parts.length; i++) {
                int equals = parts[i].indexOf('=');
                if (equals > 0) properties.put(parts[i].substring(0, equals), parts[i].substring(equals + 1));
            }
            out.append(verdict(parts[0], properties)).append('\n');
        }
        System.out.print(out);
    }

    private static String verdict(String text, Map<String, Object> properties) {
        Expression expression;
        try {
            expression = FilterFactory.INSTANCE.get("SQL92").compile(text);
        } catch (Throwable e) {
            return "refused";
        }
        try {
            Object result = expression.evaluate(new EvaluationContext() {
                @Override
                public Object get(String name) {
                    return properties.get(name);
                }

                @Override
                public Map<String, Object> keyValues() {
                    return properties;
                }
            });
            return String.valueOf(Boolean.TRUE.equals(result));
        } catch (Throwable e) {
            return "false";
        }
    }
}
