import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.exception.RequestTimeoutException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.utils.MessageUtil;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * One side of request and reply.
 *
 * <pre>
 * reply namesrv topic            READY, then answers every request with "re: " and its body, until standard input ends;
 *                                SENT status idLength queueId for each reply, FAILED exception
 * request namesrv count topics   for each reply ANSWER body topic NAME=value ..., TIMEOUT code for none;
 *                                then the same for a topic that nobody consumes;
 *                                then for a reply to a client that is not there REFUSED code description, or SENT
 * </pre>
 *
 * Properties that name hosts, ids or times are printed as *.
 */
public final class RequestReply {
    private static final java.util.Set<String> VARYING = java.util.Set.of(
        "UNIQ_KEY", "CORRELATION_ID", "REPLY_TO_CLIENT", "PUSH_REPLY_TIME", "ARRIVE_TIME");

    private RequestReply() {}

    public static void main(String[] args) {
        // The clients' threads keep the process alive: it ends by itself neither after a failure nor without.
        try {
            switch (args[0]) {
                case "reply" -> reply(args[1], args[2]);
                case "request" -> request(args[1], Integer.parseInt(args[2]), args[3].split(","));
                default -> throw new IllegalArgumentException(args[0]);
            }
            System.exit(0);
        } catch (Exception e) {
            e.printStackTrace();
            System.exit(1);
        }
    }

    private static DefaultMQProducer producer(String namesrv, String group) throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer(group);
        producer.setNamesrvAddr(namesrv);
        producer.start();
        return producer;
    }

    private static void reply(String namesrv, String topic) throws Exception {
        DefaultMQProducer producer = producer(namesrv, "GID_repliers");
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer("GID_reply_" + topic);
        consumer.setNamesrvAddr(namesrv);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt m : messages) {
                byte[] body = ("re: " + new String(m.getBody(), StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
                try {
                    SendResult result = producer.send(MessageUtil.createReplyMessage(m, body), 5000);
                    print("SENT " + result.getSendStatus() + " " + result.getOffsetMsgId().length() + " "
                        + result.getMessageQueue().getQueueId());
                } catch (Exception e) {
                    print("FAILED " + e);
                }
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        print("READY");
        while (System.in.read() >= 0) { }
        consumer.shutdown();
        producer.shutdown();
    }

    private static void request(String namesrv, int count, String[] topics) throws Exception {
        DefaultMQProducer producer = producer(namesrv, "GID_askers");
        for (String topic : topics) {
            for (int i = 0; i < count; i++) {
                // The second body is long enough to be compressed.
                ask(producer, topic, i == 1 ? "x".repeat(6000) : "q" + i, 20_000);
            }
        }
        ask(producer, "AskedNobody", "q", 500);
        orphan(producer);
        producer.shutdown();
    }

    private static void ask(DefaultMQProducer producer, String topic, String body, long timeout) throws Exception {
        try {
            Message reply = producer.request(new Message(topic, "TagA", body.getBytes(StandardCharsets.UTF_8)), timeout);
            String text = new String(reply.getBody(), StandardCharsets.UTF_8).replace(' ', '_');
            StringBuilder line = new StringBuilder("ANSWER ").append(text).append(' ').append(reply.getTopic());
            for (Map.Entry<String, String> property : new TreeMap<>(reply.getProperties()).entrySet()) {
                boolean varies = VARYING.contains(property.getKey());
                line.append(' ').append(property.getKey()).append('=').append(varies ? "*" : property.getValue());
            }
            print(line.toString());
        } catch (RequestTimeoutException e) {
            print("TIMEOUT " + e.getResponseCode());
        }
    }

    private static void orphan(DefaultMQProducer producer) throws Exception {
        Message request = new Message("T", new byte[] {1});
        Map<String, String> properties = request.getProperties();
        properties.put("CLUSTER", "DefaultCluster");
        properties.put("CORRELATION_ID", "c");
        properties.put("REPLY_TO_CLIENT", "10.0.0.1@gone");
        try {
            print("SENT " + producer.send(MessageUtil.createReplyMessage(request, new byte[] {2}), 5000).getSendStatus());
        } catch (MQClientException e) {
            MQBrokerException cause = (MQBrokerException) e.getCause();
            print("REFUSED " + cause.getResponseCode() + " " + cause.getErrorMessage());
        }
    }

    private static synchronized void print(String line) {
        System.out.println(line);
    }
}
