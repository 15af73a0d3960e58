import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageAccessor;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * Messages to be delivered at a time, of 5.x clients, sent and received:
 *
 * <pre>
 * SENT key spec
 * REFUSED key spec code remark
 * GOT key queue after {names and values}      after: ms from its birth to the listener; TIMER_ and REAL_ properties and DELAY
 * </pre>
 *
 * A spec: setDelayTimeSec=2, setDelayTimeMs=1500, setDeliverTimeMs=+2500 (from now) or =1, setDelayTimeLevel=2, NAME=text for a
 * property; several with a comma. Ends when all that were taken have come, with code 1 after a minute.
 * Arguments: namesrv topic group spec...
 */
public final class Timed {
    private Timed() {}

    public static void main(String[] args) throws Exception {
        String topic = args[1];
        DefaultMQProducer producer = new DefaultMQProducer("GID_timed_sender");
        producer.setNamesrvAddr(args[0]);
        producer.setRetryTimesWhenSendFailed(0);
        producer.start();
        int taken = 0;
        for (int i = 3; i < args.length; i++) {
            Message m = new Message(topic, "TagA", "k" + (i - 3), ("m" + i).getBytes(StandardCharsets.UTF_8));
            for (String part : args[i].split(",")) apply(m, part);
            try {
                producer.send(m, (queues, message, arg) -> queues.get(0), null);
                line("SENT k" + (i - 3) + ' ' + args[i]);
                taken++;
            } catch (MQBrokerException e) {
                line("REFUSED k" + (i - 3) + ' ' + args[i] + ' ' + e.getResponseCode() + ' ' + e.getErrorMessage());
            }
        }
        CountDownLatch open = new CountDownLatch(taken);
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(args[2]);
        consumer.setNamesrvAddr(args[0]);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt m : messages) {
                Map<String, String> properties = new TreeMap<>(m.getProperties());
                properties.keySet().removeIf(n -> !n.startsWith("TIMER_") && !n.startsWith("REAL_") && !n.equals("DELAY"));
                line("GOT " + m.getKeys() + ' ' + m.getQueueId() + ' ' + (m.getStoreTimestamp() - m.getBornTimestamp()) + ' ' + properties);
                open.countDown();
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        boolean done = open.await(60, TimeUnit.SECONDS);
        Thread.sleep(500);
        producer.shutdown();
        consumer.shutdown();
        System.exit(done ? 0 : 1);
    }

    private static void apply(Message m, String part) throws Exception {
        String name = part.substring(0, part.indexOf('='));
        String value = part.substring(name.length() + 1);
        if (!name.startsWith("set")) MessageAccessor.putProperty(m, name, value);
        else if (name.equals("setDelayTimeLevel")) m.setDelayTimeLevel(Integer.parseInt(value));
        else {
            long number = Long.parseLong(value) + (value.startsWith("+") ? System.currentTimeMillis() : 0);
            // 4.9 clients, for which this is compiled as well, do not have them.
            Message.class.getMethod(name, long.class).invoke(m, number);
        }
    }

    private static synchronized void line(String text) {
        System.out.println(text);
    }
}
