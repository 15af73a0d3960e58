import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.rocketmq.client.QueryResult;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.message.MessageClientExt;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.exception.RemotingException;

/**
 * Reads what a broker holds, as standard input asks, one question a line until it ends:
 *
 * <pre>
 * QUEUE topic brokerName queueId from     all messages from this offset up to the end of the queue as it is now
 * KEY topic key                           what a query by key finds
 * </pre>
 *
 * The answer is one line a message and a last one; a broker that is only just there again is asked again:
 *
 * <pre>
 * MSG queueId queueOffset msgId offsetMsgId key crc32OfBody
 * END minOffset maxOffset                 of the queue; 0 0 for a key
 * ERROR text
 * </pre>
 *
 * Arguments: namesrv
 */
public final class ReadQueues {
    private static final long PATIENCE_MS = 30_000;

    private ReadQueues() {}

    private interface Question<T> {
        T ask() throws MQClientException, RemotingException, MQBrokerException, InterruptedException;
    }

    public static void main(String[] args) throws Exception {
        DefaultMQPullConsumer consumer = new DefaultMQPullConsumer("GID_read_queues");
        consumer.setNamesrvAddr(args[0]);
        consumer.setInstanceName("read-" + ProcessHandle.current().pid());
        consumer.start();
        line("STARTED");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ");
            try {
                if (words[0].equals("QUEUE")) {
                    read(consumer, new MessageQueue(words[1], words[2], Integer.parseInt(words[3])), Long.parseLong(words[4]));
                } else {
                    query(consumer, words[1], words[2]);
                }
            } catch (Exception e) {
                line("ERROR " + e.toString().replace('\n', ' '));
            }
        }
        consumer.shutdown();
        System.exit(0);
    }

    private static void read(DefaultMQPullConsumer consumer, MessageQueue queue, long from) throws Exception {
        long max = patiently(() -> consumer.maxOffset(queue));
        long min = patiently(() -> consumer.minOffset(queue));
        long next = from;
        while (next < max) {
            long at = next;
            PullResult result = patiently(() -> consumer.pull(queue, "*", at, 32));
            if (result.getMsgFoundList() != null) print(result.getMsgFoundList());
            if (result.getNextBeginOffset() <= next) throw new IllegalStateException(next + " of " + max + ": " + result);
            next = result.getNextBeginOffset();
        }
        line("END " + min + ' ' + max);
    }

    private static void query(DefaultMQPullConsumer consumer, String topic, String key) throws Exception {
        try {
            QueryResult result = consumer.queryMessage(topic, key, 64, 0, Long.MAX_VALUE);
            print(result.getMessageList());
        } catch (MQClientException e) {
            // Thrown for "nothing found" as well as for a broker that did not answer: the asker asks again.
        }
        line("END 0 0");
    }

    private static <T> T patiently(Question<T> question) throws Exception {
        long begun = System.nanoTime();
        while (true) {
            try {
                return question.ask();
            } catch (MQClientException | RemotingException | MQBrokerException e) {
                if (System.nanoTime() - begun > PATIENCE_MS * 1_000_000) throw e;
                Thread.sleep(250);
            }
        }
    }

    private static void print(List<MessageExt> messages) {
        StringBuilder lines = new StringBuilder();
        for (MessageExt m : messages) {
            lines.append("MSG ").append(m.getQueueId()).append(' ').append(m.getQueueOffset()).append(' ')
                .append(m.getMsgId()).append(' ').append(((MessageClientExt) m).getOffsetMsgId()).append(' ')
                .append(m.getKeys()).append(' ').append(KillSenders.crcOf(m.getBody())).append('\n');
        }
        System.out.print(lines);
    }

    private static void line(String text) {
        System.out.print(text + '\n');
        System.out.flush();
    }
}
