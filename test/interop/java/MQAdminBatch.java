import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.rocketmq.common.MixAll;
import org.apache.rocketmq.tools.command.MQAdminStartup;

/**
 * The real mqadmin, many commands in one JVM: a line of standard input is a command line, its words separated by tabs;
 * the answer is one line of JSON with what the command wrote. A command that leaves by System.exit, as one with wrong
 * usage does, ends this program: such commands want a process of their own.
 */
public final class MQAdminBatch {
    private MQAdminBatch() {}

    public static void main(String[] args) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
            // The command before may have left its -n here.
            System.clearProperty(MixAll.NAMESRV_ADDR_PROPERTY);
            forgetCommands();
            MQAdminStartup.main0(line.split("\t", -1), null);
            System.out.flush();
            System.err.flush();
            answers.println("{\"stdout\":" + text(out) + ",\"stderr\":" + text(err) + "}");
        }
        System.exit(0);
    }

    /** The tool makes its command objects anew at every start, and some serve once only; their list has another name in 5.x. */
    private static void forgetCommands() throws ReflectiveOperationException {
        for (Field field : MQAdminStartup.class.getDeclaredFields()) {
            if (!List.class.isAssignableFrom(field.getType())) continue;
            field.setAccessible(true);
            ((List<?>) field.get(null)).clear();
        }
    }

    private static String text(ByteArrayOutputStream bytes) {
        return Json.text(bytes.toString(StandardCharsets.UTF_8));
    }
}
