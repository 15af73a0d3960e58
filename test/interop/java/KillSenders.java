import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;

/**
 * Threads that send one message after the other, each without a retry, while their broker may die at any moment. Prints,
 * until standard input ends:
 *
 * <pre>
 * STARTED
 * ACK sender number msgId offsetMsgId queueId queueOffset crc32OfBody     SEND_OK was the answer
 * NOT sender number what                                                  another answer, or none
 * SENT n                                                                  all threads have ended
 * </pre>
 *
 * Every eighth sender sends batches of four, which have a line for each message. The key of a message is sender-number.
 * Arguments: namesrv topic group senders [firstNumber]
 */
public final class KillSenders {
    private static final int MAX_BODY = 1500;
    private static final int PER_BATCH = 4;
    /** Between two attempts while nobody is there. */
    private static final long PAUSE_MS = 10;
    private static volatile boolean inputEnded;

    private KillSenders() {}

    public static void main(String[] args) throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer(args[2]);
        producer.setNamesrvAddr(args[0]);
        producer.setInstanceName("kill-" + ProcessHandle.current().pid());
        producer.setPollNameServerInterval(1000);
        producer.setRetryTimesWhenSendFailed(0);
        producer.setSendMsgTimeout(10_000);
        producer.start();
        List<Thread> threads = new ArrayList<>();
        long[] sent = new long[Integer.parseInt(args[3])];
        long first = args.length > 4 ? Long.parseLong(args[4]) : 0;
        for (int i = 0; i < sent.length; i++) {
            int sender = i;
            threads.add(new Thread(() -> sent[sender] = send(producer, args[1], sender, first) - first));
        }
        line("STARTED");
        for (Thread thread : threads) thread.start();
        while (System.in.read() >= 0) { /* only the end counts */ }
        inputEnded = true;
        long sum = 0;
        for (Thread thread : threads) thread.join();
        for (long count : sent) sum += count;
        line("SENT " + sum);
        producer.shutdown();
        System.exit(0);
    }

    /** The number behind the last. */
    private static long send(DefaultMQProducer producer, String topic, int sender, long firstNumber) {
        Random random = new Random(sender);
        boolean inBatches = sender % 8 == 7;
        long number = firstNumber;
        while (!inputEnded) {
            long first = number;
            List<Message> messages = new ArrayList<>();
            for (int i = 0; i < (inBatches ? PER_BATCH : 1); i++) messages.add(message(topic, sender, number++, random));
            try {
                SendResult r = inBatches ? producer.send(messages) : producer.send(messages.get(0));
                if (r.getSendStatus() == SendStatus.SEND_OK) acknowledged(r, sender, first, messages);
                else line("NOT " + sender + ' ' + first + ' ' + r.getSendStatus());
            } catch (Exception e) {
                line("NOT " + sender + ' ' + first + ' ' + e.getClass().getSimpleName());
                pause();
            }
        }
        return number;
    }

    private static Message message(String topic, int sender, long number, Random random) {
        byte[] body = new byte[1 + random.nextInt(MAX_BODY)];
        for (int i = 0; i < body.length; i++) body[i] = (byte) ('0' + random.nextInt(64));
        byte[] start = (sender + "-" + number + ':').getBytes(StandardCharsets.UTF_8);
        System.arraycopy(start, 0, body, 0, Math.min(start.length, body.length));
        return new Message(topic, "Tag" + sender % 3, sender + "-" + number, body);
    }

    private static void acknowledged(SendResult r, int sender, long first, List<Message> messages) {
        String[] ids = r.getMsgId().split(",");
        String[] offsetIds = r.getOffsetMsgId().split(",");
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < messages.size(); i++) {
            lines.append("ACK ").append(sender).append(' ').append(first + i).append(' ').append(ids[i]).append(' ')
                .append(offsetIds[i]).append(' ').append(r.getMessageQueue().getQueueId()).append(' ')
                .append(r.getQueueOffset() + i).append(' ').append(crcOf(messages.get(i).getBody())).append('\n');
        }
        line(lines.substring(0, lines.length() - 1));
    }

    /** 0 for a message that came without a body. */
    static long crcOf(byte[] body) {
        if (body == null) return 0;
        CRC32 crc = new CRC32();
        crc.update(body);
        return crc.getValue();
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static synchronized void line(String text) {
        System.out.print(text + '\n');
        System.out.flush();
    }
}
