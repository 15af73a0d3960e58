import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * Puts a pull consumer through its questions and prints the answers. For each queue of the topic, in order:
 *
 * <pre>
 * QUEUE brokerName queueId
 * RANGE min max offsetOfTime0 offsetOfLastTime hasEarliestTime
 * PULL expression offset maxNums: status nextBeginOffset minOffset maxOffset bodies
 * GROUP offsetBefore offsetAfter                    the group's, before and after committing 3
 * BLOCK status nextBeginOffset bodies               a pull at the end, woken by the message "late"
 * </pre>
 *
 * Arguments: namesrv topic group
 */
public final class PullConsume {
    private static final PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    private static final long LAST_TIME = 4_000_000_000_000L;

    private PullConsume() {}

    public static void main(String[] args) throws Exception {
        String topic = args[1];
        DefaultMQPullConsumer consumer = new DefaultMQPullConsumer(args[2]);
        consumer.setNamesrvAddr(args[0]);
        consumer.start();
        DefaultMQProducer producer = new DefaultMQProducer("pull_consume_producer");
        producer.setNamesrvAddr(args[0]);
        producer.setInstanceName("late");
        producer.start();
        for (MessageQueue queue : new TreeSet<>(consumer.fetchSubscribeMessageQueues(topic))) {
            line("QUEUE " + queue.getBrokerName() + ' ' + queue.getQueueId());
            long max = consumer.maxOffset(queue);
            line("RANGE " + consumer.minOffset(queue) + ' ' + max + ' ' + consumer.searchOffset(queue, 0) + ' '
                + consumer.searchOffset(queue, LAST_TIME) + ' ' + (consumer.earliestMsgStoreTime(queue) > 0));
            pull(consumer, queue, "*", 0, 32);
            pull(consumer, queue, "A", 0, 32);
            pull(consumer, queue, "A || B", 1, 2);
            pull(consumer, queue, "C", 0, 32);
            pull(consumer, queue, "*", max, 1);
            pull(consumer, queue, "*", max + 94, 1);
            long before = consumer.fetchConsumeOffset(queue, true);
            consumer.getDefaultMQPullConsumerImpl().updateConsumeOffsetToBroker(queue, 3, false);
            line("GROUP " + before + ' ' + consumer.fetchConsumeOffset(queue, true));
            block(consumer, producer, queue, max);
        }
        producer.shutdown();
        consumer.shutdown();
        System.exit(0);
    }

    private static void pull(DefaultMQPullConsumer consumer, MessageQueue queue, String tags, long offset, int max)
        throws Exception {
        PullResult result = consumer.pull(queue, tags, offset, max);
        line("PULL " + tags + ' ' + offset + ' ' + max + ": " + result.getPullStatus() + ' '
            + result.getNextBeginOffset() + ' ' + result.getMinOffset() + ' ' + result.getMaxOffset() + ' '
            + bodies(result));
    }

    private static void block(DefaultMQPullConsumer consumer, DefaultMQProducer producer, MessageQueue queue, long at)
        throws Exception {
        Thread later = new Thread(() -> {
            try {
                Thread.sleep(300);
                producer.send(new Message(queue.getTopic(), "late".getBytes(StandardCharsets.UTF_8)), queue);
            } catch (Exception e) {
                e.printStackTrace();
            }
        });
        later.start();
        PullResult result = consumer.pullBlockIfNotFound(queue, "*", at, 1);
        later.join();
        line("BLOCK " + result.getPullStatus() + ' ' + result.getNextBeginOffset() + ' ' + bodies(result));
    }

    private static String bodies(PullResult result) {
        if (result.getMsgFoundList() == null) return "";
        return result.getMsgFoundList().stream()
            .map(m -> new String(m.getBody(), StandardCharsets.UTF_8)).collect(Collectors.joining(","));
    }

    private static void line(String text) {
        out.print(text + '\n');
        out.flush();
    }
}
