import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;

/**
 * Sends numbered messages, one after the other, and prints one line for each acknowledgement:
 *
 * <pre>i msgId offsetMsgId brokerName queueId queueOffset</pre>
 *
 * Keys are k0, k1, ...; bodies m0, m1, ... padded with blanks to bodySize. Exit code 1 when a send failed.
 * Arguments: namesrv topic group count [bodySize] [firstNumber]
 */
public final class SendMessages {
    private SendMessages() {}

    public static void main(String[] args) throws Exception {
        String topic = args[1];
        int count = Integer.parseInt(args[3]);
        int bodySize = args.length > 4 ? Integer.parseInt(args[4]) : 0;
        int first = args.length > 5 ? Integer.parseInt(args[5]) : 0;
        DefaultMQProducer producer = new DefaultMQProducer(args[2]);
        producer.setNamesrvAddr(args[0]);
        producer.setInstanceName("send-" + ProcessHandle.current().pid());
        producer.setSendMsgTimeout(15_000);
        producer.start();
        StringBuilder lines = new StringBuilder();
        int failed = 0;
        for (int i = first; i < first + count; i++) {
            Message message = new Message(topic, "", "k" + i, body(i, bodySize));
            try {
                SendResult r = producer.send(message);
                if (r.getSendStatus() != SendStatus.SEND_OK) throw new IllegalStateException(r.toString());
                lines.append(i).append(' ').append(r.getMsgId()).append(' ').append(r.getOffsetMsgId())
                    .append(' ').append(r.getMessageQueue().getBrokerName())
                    .append(' ').append(r.getMessageQueue().getQueueId())
                    .append(' ').append(r.getQueueOffset()).append('\n');
            } catch (Exception e) {
                failed++;
                System.err.println("message " + i + ": " + e);
            }
            if (lines.length() > 8000 || failed > 0) {
                System.out.print(lines);
                lines.setLength(0);
            }
            if (failed > 20) break;
        }
        System.out.print(lines);
        System.out.flush();
        producer.shutdown();
        System.exit(failed == 0 ? 0 : 1);
    }

    private static byte[] body(int i, int size) {
        byte[] text = ("m" + i).getBytes(StandardCharsets.UTF_8);
        if (size <= text.length) return text;
        byte[] padded = new byte[size];
        Arrays.fill(padded, (byte) ' ');
        System.arraycopy(text, 0, padded, 0, text.length);
        return padded;
    }
}
