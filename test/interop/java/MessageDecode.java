import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * Decodes stored records with RocketMQ's own decoder: one record in hex a line on standard input, one JSON object
 * a line on standard output (`null` where the decoder gives up). Bodies come out as hex, still compressed.
 */
public final class MessageDecode {
    private MessageDecode() {}

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.isBlank()) continue;
            MessageExt m = MessageDecoder.decode(ByteBuffer.wrap(bytes(line.trim())), true, false);
            out.println(m == null ? "null" : describe(m));
        }
    }

    static String describe(MessageExt m) {
        StringBuilder s = new StringBuilder("{");
        s.append("\"storeSize\":").append(m.getStoreSize());
        s.append(",\"bodyCRC\":").append(m.getBodyCRC());
        s.append(",\"queueId\":").append(m.getQueueId());
        s.append(",\"flag\":").append(m.getFlag());
        s.append(",\"queueOffset\":").append(m.getQueueOffset());
        s.append(",\"commitLogOffset\":").append(m.getCommitLogOffset());
        s.append(",\"sysFlag\":").append(m.getSysFlag());
        s.append(",\"bornTimestamp\":").append(m.getBornTimestamp());
        s.append(",\"bornHost\":").append(Json.text(host(m.getBornHost())));
        s.append(",\"storeTimestamp\":").append(m.getStoreTimestamp());
        s.append(",\"storeHost\":").append(Json.text(host(m.getStoreHost())));
        s.append(",\"reconsumeTimes\":").append(m.getReconsumeTimes());
        s.append(",\"preparedTransactionOffset\":").append(m.getPreparedTransactionOffset());
        s.append(",\"topic\":").append(Json.text(m.getTopic()));
        s.append(",\"msgId\":").append(Json.text(m.getMsgId()));
        s.append(",\"properties\":{");
        String separator = "";
        for (Map.Entry<String, String> e : properties(m).entrySet()) {
            s.append(separator).append(Json.text(e.getKey())).append(':').append(Json.text(e.getValue()));
            separator = ",";
        }
        return s.append("},\"body\":").append(Json.text(hex(m.getBody()))).append('}').toString();
    }

    /** A record without properties has no map at all. */
    private static Map<String, String> properties(MessageExt m) {
        return m.getProperties() == null ? Map.of() : new TreeMap<>(m.getProperties());
    }

    private static String host(SocketAddress address) {
        InetSocketAddress inet = (InetSocketAddress) address;
        return inet.getAddress().getHostAddress() + ':' + inet.getPort();
    }

    private static byte[] bytes(String hex) {
        byte[] result = new byte[hex.length() / 2];
        for (int i = 0; i < result.length; i++) {
            result[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        }
        return result;
    }

    private static String hex(byte[] bytes) {
        if (bytes == null) return null;
        StringBuilder s = new StringBuilder(bytes.length * 2);
        for (byte b : bytes) s.append(String.format("%02x", b));
        return s.toString();
    }
}
