import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * Sends numbered messages in batches, all to one queue, and prints for each batch what the SendResult says and then one
 * line for each of its messages, as SendMessages does:
 *
 * <pre>
 * RESULT sendStatus msgId offsetMsgId brokerName queueId queueOffset transactionId regionId traceOn
 * i msgId offsetMsgId brokerName queueId queueOffset
 * </pre>
 *
 * Message i has the key k&lt;i&gt;, the body m&lt;i&gt;, the flag i, the property number=i and one of the tags TagA, TagB, TagC or,
 * every fourth, none. Every second batch does not wait for the store. Exit code 1 when a send failed.
 * Arguments: namesrv topic group queueId batches messagesPerBatch [firstNumber]
 */
public final class SendBatch {
    private static final String[] TAGS = {"TagA", "TagB", "TagC", ""};

    private SendBatch() {}

    public static void main(String[] args) throws Exception {
        String topic = args[1];
        int queueId = Integer.parseInt(args[3]);
        int batches = Integer.parseInt(args[4]);
        int perBatch = Integer.parseInt(args[5]);
        int number = args.length > 6 ? Integer.parseInt(args[6]) : 0;
        DefaultMQProducer producer = new DefaultMQProducer(args[2]);
        producer.setNamesrvAddr(args[0]);
        producer.setInstanceName("batch-" + ProcessHandle.current().pid());
        producer.setSendMsgTimeout(15_000);
        producer.start();
        MessageQueue queue = null;
        for (MessageQueue one : producer.fetchPublishMessageQueues(topic)) if (one.getQueueId() == queueId) queue = one;
        for (int batch = 0; batch < batches; batch++) {
            List<Message> messages = new ArrayList<>();
            int first = number;
            for (int i = 0; i < perBatch; i++) messages.add(message(topic, number++, batch % 2 == 0));
            report(producer.send(messages, queue), first);
        }
        producer.shutdown();
        System.exit(0);
    }

    private static Message message(String topic, int number, boolean waits) {
        byte[] body = ("m" + number).getBytes(StandardCharsets.UTF_8);
        Message message = new Message(topic, TAGS[number % TAGS.length], "k" + number, number, body, waits);
        message.putUserProperty("number", String.valueOf(number));
        return message;
    }

    private static void report(SendResult r, int first) {
        MessageQueue queue = r.getMessageQueue();
        String place = queue.getBrokerName() + ' ' + queue.getQueueId() + ' ';
        System.out.println("RESULT " + r.getSendStatus() + ' ' + r.getMsgId() + ' ' + r.getOffsetMsgId() + ' ' + place
            + r.getQueueOffset() + ' ' + r.getTransactionId() + ' ' + r.getRegionId() + ' ' + r.isTraceOn());
        String[] ids = r.getMsgId().split(",");
        String[] offsetIds = r.getOffsetMsgId().split(",");
        for (int i = 0; i < ids.length; i++) {
            System.out.println((first + i) + " " + ids[i] + ' ' + offsetIds[i] + ' ' + place + (r.getQueueOffset() + i));
        }
    }
}
