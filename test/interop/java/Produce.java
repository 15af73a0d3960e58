import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.selector.SelectMessageQueueByHash;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * Sends in every way a producer has, to a topic of four queues; test/interop/clients has the same programs of other clients:
 *
 * <pre>
 * async-0 to async-9      asynchronously
 * oneway-0 to oneway-9    one-way
 * queue-0 to queue-4      to queue 2
 * hash-K-0 to hash-K-3    K = 0, 1, 2: by the hash of the sharding key order-K
 * compressed              a body of 100000 x
 * delayed                 by level 1
 * described               with the tag T, the keys `described other`, the properties a=1 and 中=文
 * made                    to the topic Made_ and the topic's name, which nobody has made
 * </pre>
 *
 * The key is the name, and the body but where it is said otherwise. It prints
 *
 * <pre>
 * ACK key queueId queueOffset     for each answer
 * REFUSED what why                client, broker: a body of 4 MiB and a byte, by the client's own limit and without one;
 *                                 topics, delay, retry: a batch of two topics, with a delay, of a retry topic
 * DONE
 * </pre>
 *
 * Arguments: namesrv topic group
 */
public final class Produce {
    private static final int TOO_LARGE = 4 * 1024 * 1024 + 1;
    private static String topic;
    private static DefaultMQProducer producer;

    private Produce() {}

    private interface Send {
        SendResult send() throws Exception;
    }

    public static void main(String[] args) throws Exception {
        topic = args[1];
        producer = started(args[0], args[2], "produce");
        async();
        for (int i = 0; i < 10; i++) producer.sendOneway(message("oneway-" + i));
        MessageQueue queue = null;
        for (MessageQueue one : producer.fetchPublishMessageQueues(topic)) if (one.getQueueId() == 2) queue = one;
        for (int i = 0; i < 5; i++) acknowledged("queue-" + i, producer.send(message("queue-" + i), queue));
        for (int i = 0; i < 12; i++) {
            String key = "hash-" + i % 3 + '-' + i / 3;
            acknowledged(key, producer.send(message(key), new SelectMessageQueueByHash(), "order-" + i % 3));
        }
        acknowledged("compressed", producer.send(new Message(topic, "", "compressed", body(100_000))));
        Message delayed = message("delayed");
        delayed.setDelayTimeLevel(1);
        producer.send(delayed);
        described();
        producer.send(new Message("Made_" + topic, "", "made", "made".getBytes(StandardCharsets.UTF_8)));
        refusals(args[0], args[2]);
        line("DONE");
        producer.shutdown();
        System.exit(0);
    }

    private static DefaultMQProducer started(String namesrv, String group, String instance) throws Exception {
        DefaultMQProducer made = new DefaultMQProducer(group);
        made.setNamesrvAddr(namesrv);
        made.setInstanceName(instance + '-' + ProcessHandle.current().pid());
        made.setSendMsgTimeout(15_000);
        made.start();
        return made;
    }

    private static void async() throws Exception {
        CountDownLatch answers = new CountDownLatch(10);
        for (int i = 0; i < 10; i++) {
            String key = "async-" + i;
            producer.send(message(key), new SendCallback() {
                @Override
                public void onSuccess(SendResult result) {
                    acknowledged(key, result);
                    answers.countDown();
                }

                @Override
                public void onException(Throwable e) {
                    line("FAILED " + key + ' ' + e);
                    answers.countDown();
                }
            });
        }
        answers.await();
    }

    private static void described() throws Exception {
        Message message = new Message(topic, "T", "described other", "described".getBytes(StandardCharsets.UTF_8));
        message.putUserProperty("a", "1");
        message.putUserProperty("中", "文");
        acknowledged("described", producer.send(message));
    }

    private static void refusals(String namesrv, String group) throws Exception {
        Message large = new Message(topic, "", "large", body(TOO_LARGE));
        refused("client", () -> producer.send(large));
        DefaultMQProducer unlimited = started(namesrv, group, "unlimited");
        unlimited.setMaxMessageSize(2 * TOO_LARGE);
        unlimited.setCompressMsgBodyOverHowmuch(Integer.MAX_VALUE);
        refused("broker", () -> unlimited.send(large));
        unlimited.shutdown();
        Message other = new Message("Other" + topic, "", "other", body(1));
        Message late = message("late");
        late.setDelayTimeLevel(1);
        Message again = new Message("%RETRY%" + group, "", "again", body(1));
        for (List<Object> one : Arrays.asList(
            Arrays.<Object>asList("topics", other), Arrays.<Object>asList("delay", late), Arrays.<Object>asList("retry", again))) {
            Message odd = (Message) one.get(1);
            Message first = "retry".equals(one.get(0)) ? odd : message("first");
            refused((String) one.get(0), () -> producer.send(Arrays.asList(first, odd)));
        }
    }

    private static void refused(String what, Send send) {
        try {
            line("TAKEN " + what + ' ' + send.send());
        } catch (Exception e) {
            line("REFUSED " + what + ' ' + String.valueOf(e.getMessage()).replace('\n', ' '));
        }
    }

    private static Message message(String key) {
        return new Message(topic, "", key, key.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] body(int length) {
        byte[] body = new byte[length];
        Arrays.fill(body, (byte) 'x');
        return body;
    }

    private static void acknowledged(String key, SendResult result) {
        line("ACK " + key + ' ' + result.getMessageQueue().getQueueId() + ' ' + result.getQueueOffset());
    }

    private static synchronized void line(String text) {
        System.out.println(text);
        System.out.flush();
    }
}
