import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
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
 * Messages that nobody can consume: sends them, fails at every one until they are dead letters, and reads those.
 *
 * <pre>
 * TRY key topic reconsumeTimes queue NAME=value ...     every delivery, as the listener sees it
 * DEAD key topic reconsumeTimes queue NAME=value ...    every dead letter
 * </pre>
 *
 * Properties that name hosts, offsets or times are left out. Ends when all are dead, with code 1 after two minutes.
 * Arguments: namesrv topic group maxReconsumeTimes count
 */
public final class Retry {
    private static final java.util.Set<String> OWN = java.util.Set.of(
        "UNIQ_KEY", "ORIGIN_MESSAGE_ID", "MIN_OFFSET", "MAX_OFFSET", "CONSUME_START_TIME");

    private Retry() {}

    public static void main(String[] args) throws Exception {
        String topic = args[1];
        String group = args[2];
        int max = Integer.parseInt(args[3]);
        int count = Integer.parseInt(args[4]);
        CountDownLatch tries = new CountDownLatch(count * (max + 1));
        DefaultMQPushConsumer consumer = consumer(args[0], group, topic);
        consumer.setMaxReconsumeTimes(max);
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt m : messages) {
                print("TRY", m);
                tries.countDown();
            }
            return ConsumeConcurrentlyStatus.RECONSUME_LATER;
        });
        consumer.start();
        send(args[0], topic, count);
        boolean done = tries.await(60, TimeUnit.SECONDS);
        CountDownLatch dead = new CountDownLatch(count);
        DefaultMQPushConsumer mourner = consumer(args[0], group + "_dead", "%DLQ%" + group);
        mourner.setPollNameServerInterval(1000);
        mourner.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt m : messages) {
                print("DEAD", m);
                dead.countDown();
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        mourner.start();
        done &= dead.await(60, TimeUnit.SECONDS);
        mourner.shutdown();
        consumer.shutdown();
        System.exit(done ? 0 : 1);
    }

    private static DefaultMQPushConsumer consumer(String namesrv, String group, String topic) throws Exception {
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(group);
        consumer.setNamesrvAddr(namesrv);
        consumer.setInstanceName(group + ProcessHandle.current().pid());
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(topic, "*");
        return consumer;
    }

    private static void send(String namesrv, String topic, int count) throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer("GID_retry_sender");
        producer.setNamesrvAddr(namesrv);
        producer.start();
        for (int i = 0; i < count; i++) {
            Message m = new Message(topic, "TagA", "k" + i, ("m" + i).getBytes(StandardCharsets.UTF_8));
            m.putUserProperty("colour", "red");
            SendResult result = producer.send(m);
            if (!"SEND_OK".equals(result.getSendStatus().name())) throw new IllegalStateException(result.toString());
        }
        producer.shutdown();
    }

    private static synchronized void print(String what, MessageExt m) {
        StringBuilder line = new StringBuilder(what).append(' ').append(m.getKeys()).append(' ').append(m.getTopic())
            .append(' ').append(m.getReconsumeTimes()).append(' ').append(m.getQueueId());
        for (Map.Entry<String, String> property : new TreeMap<>(m.getProperties()).entrySet()) {
            if (!OWN.contains(property.getKey())) {
                line.append(' ').append(property.getKey()).append('=').append(property.getValue());
            }
        }
        System.out.println(line);
    }
}
