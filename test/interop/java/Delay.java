import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * Delayed messages, sent and received:
 *
 * <pre>
 * SENT key level queue queueOffset                       as the SendResult says
 * GOT key level queue queueOffset after DELAY REAL_TOPIC REAL_QID     after: ms from its birth to the listener
 * </pre>
 *
 * `count` messages for every level, in turns. Ends when all have come, with code 1 after a minute.
 * Arguments: namesrv topic group count level...
 */
public final class Delay {
    private Delay() {}

    public static void main(String[] args) throws Exception {
        String topic = args[1];
        int count = Integer.parseInt(args[3]);
        int levels = args.length - 4;
        CountDownLatch open = new CountDownLatch(count * levels);
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(args[2]);
        consumer.setNamesrvAddr(args[0]);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt m : messages) {
                line("GOT " + m.getKeys() + ' ' + m.getDelayTimeLevel() + ' ' + m.getQueueId() + ' ' + m.getQueueOffset() + ' '
                    + (System.currentTimeMillis() - m.getBornTimestamp()) + ' ' + m.getProperty("DELAY") + ' '
                    + m.getProperty("REAL_TOPIC") + ' ' + m.getProperty("REAL_QID"));
                open.countDown();
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        DefaultMQProducer producer = new DefaultMQProducer("GID_delay_sender");
        producer.setNamesrvAddr(args[0]);
        producer.start();
        for (int i = 0; i < count * levels; i++) {
            int level = Integer.parseInt(args[4 + i % levels]);
            Message m = new Message(topic, "TagA", "k" + i, ("m" + i).getBytes(StandardCharsets.UTF_8));
            m.setDelayTimeLevel(level);
            SendResult result = producer.send(m, (queues, message, arg) -> queues.get((Integer) arg % queues.size()), i);
            if (!"SEND_OK".equals(result.getSendStatus().name())) throw new IllegalStateException(result.toString());
            line("SENT k" + i + ' ' + level + ' ' + result.getMessageQueue().getQueueId() + ' ' + result.getQueueOffset());
        }
        boolean done = open.await(60, TimeUnit.SECONDS);
        producer.shutdown();
        consumer.shutdown();
        System.exit(done ? 0 : 1);
    }

    private static synchronized void line(String text) {
        System.out.println(text);
    }
}
