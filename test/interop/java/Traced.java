import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * Sends three messages and consumes them, both with traces; the first delivery of the first message fails.
 *
 * <pre>
 * SENT msgId       for each message
 * </pre>
 *
 * Ends when all are consumed, with code 1 after a minute. Arguments: namesrv topic producerGroup consumerGroup
 */
public final class Traced {
    private Traced() {}

    public static void main(String[] args) throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer(args[2], true, null);
        producer.setNamesrvAddr(args[0]);
        producer.start();
        for (int i = 0; i < 3; i++) {
            byte[] body = ("body " + i).getBytes(StandardCharsets.UTF_8);
            System.out.println("SENT " + producer.send(new Message(args[1], "TagA", i == 2 ? "" : "k" + i, body)).getMsgId());
        }
        CountDownLatch deliveries = new CountDownLatch(4);
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(args[3], true, null);
        consumer.setNamesrvAddr(args[0]);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(args[1], "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            MessageExt m = messages.get(0);
            deliveries.countDown();
            boolean fails = "k0".equals(m.getKeys()) && m.getReconsumeTimes() == 0;
            return fails ? ConsumeConcurrentlyStatus.RECONSUME_LATER : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        boolean done = deliveries.await(60, TimeUnit.SECONDS);
        // What was traced last goes out half a second later.
        Thread.sleep(1500);
        consumer.shutdown();
        producer.shutdown();
        System.exit(done ? 0 : 1);
    }
}
