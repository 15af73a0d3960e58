import java.io.File;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import org.apache.rocketmq.remoting.CommandCustomHeader;
import org.apache.rocketmq.remoting.annotation.CFNotNull;

/**
 * Prints, as JSON, what a release's jars declare about the protocol:
 *
 * <pre>
 * {"headers": {className: [{"name": .., "type": .., "notNull": ..}]}, "requestCodes": {name: value},
 *  "responseCodes": {name: value}}
 * </pre>
 *
 * Headers are all concrete classes that implement CommandCustomHeader in the client, common and remoting jars
 * (names without package), their fields in declared order, those of superclasses after their own.
 */
public final class HeaderDump {
    private HeaderDump() {}

    public static void main(String[] args) throws Exception {
        Map<String, String> headers = new TreeMap<>();
        for (String name : classNames()) {
            Class<?> type = Class.forName(name, false, HeaderDump.class.getClassLoader());
            if (!CommandCustomHeader.class.isAssignableFrom(type) || type.isInterface()) continue;
            if (Modifier.isAbstract(type.getModifiers())) continue;
            String shortName = type.getSimpleName();
            if (headers.put(shortName, fields(type)) != null) {
                throw new IllegalStateException("two classes are named " + shortName);
            }
        }
        System.out.println("{\n\"headers\": {" + lines(headers) + "},");
        System.out.println("\"requestCodes\": {" + lines(codes("RequestCode")) + "},");
        System.out.println("\"responseCodes\": {" + lines(codes("ResponseCode")) + "}\n}");
    }

    private static List<String> classNames() throws Exception {
        List<String> names = new ArrayList<>();
        for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!new File(path).getName().matches("rocketmq-(client|common|remoting)-.*\\.jar")) continue;
            try (JarFile jar = new JarFile(path)) {
                jar.stream().map(e -> e.getName()).filter(n -> n.endsWith(".class") && n.contains("Header"))
                    .forEach(n -> names.add(n.substring(0, n.length() - 6).replace('/', '.')));
            }
        }
        return names;
    }

    private static String fields(Class<?> header) {
        List<String> found = new ArrayList<>();
        for (Class<?> type = header; type != null && type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) || field.getName().startsWith("this$")) continue;
                found.add("{\"name\":" + Json.text(field.getName())
                    + ",\"type\":" + Json.text(field.getType().getSimpleName())
                    + ",\"notNull\":" + field.isAnnotationPresent(CFNotNull.class) + "}");
            }
        }
        return "[" + String.join(",", found) + "]";
    }

    private static Map<String, String> codes(String className) throws Exception {
        Map<String, String> found = new TreeMap<>();
        for (Field field : codeClass(className).getFields()) {
            if (field.getType() == int.class) found.put(field.getName(), String.valueOf(field.getInt(null)));
        }
        return found;
    }

    /** The class moved from common to remoting with 5.x. */
    private static Class<?> codeClass(String className) throws ClassNotFoundException {
        try {
            return Class.forName("org.apache.rocketmq.common.protocol." + className);
        } catch (ClassNotFoundException e) {
            return Class.forName("org.apache.rocketmq.remoting.protocol." + className);
        }
    }

    private static String lines(Map<String, String> members) {
        List<String> found = new ArrayList<>();
        members.forEach((name, value) -> found.add("\n  " + Json.text(name) + ": " + value));
        return String.join(",", found) + "\n";
    }
}
