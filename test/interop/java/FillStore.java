import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * Puts one of everything into a store; the topics are there already. `plain` and `batch` any broker takes; `delay`,
 * `transaction` and `retry` need delay levels of `1s 1s 1s 1h`. One line for each key and the topic it is stored
 * under, and a last one:
 *
 * <pre>
 * KEY topic key
 * FILLED
 * </pre>
 *
 * FillPlain, 4 queues: tags, flags, several keys, properties of any text, a long body, which is compressed. FillBatch: batches.
 * FillDelay: some that come after a second and some after an hour. FillTransaction: committed, rolled back and left open.
 * FillRetry: every message comes back once and is then consumed by GID_fill.
 * Arguments: namesrv brokerName part[,part]
 */
public final class FillStore {
    private static final int RETRIED = 10;
    private static String brokerName;
    private static DefaultMQProducer producer;

    private FillStore() {}

    public static void main(String[] args) throws Exception {
        brokerName = args[1];
        Set<String> parts = Set.of(args[2].split(","));
        producer = new DefaultMQProducer("GID_fill_producer");
        producer.setNamesrvAddr(args[0]);
        producer.setSendMsgTimeout(15_000);
        producer.start();
        if (parts.contains("plain")) plain();
        if (parts.contains("batch")) batches();
        if (parts.contains("delay")) delayed();
        if (parts.contains("transaction")) transactions(args[0]);
        if (parts.contains("retry")) retried(args[0]);
        producer.shutdown();
        System.out.println("FILLED");
        System.exit(0);
    }

    private static void plain() throws Exception {
        for (int i = 0; i < 80; i++) {
            byte[] body = i % 20 == 19 ? "long enough to be compressed ".repeat(1000).getBytes(StandardCharsets.UTF_8)
                : ("body " + i + " 正文").getBytes(StandardCharsets.UTF_8);
            String tags = i % 4 == 3 ? "" : "Tag" + i % 4;
            Message message = new Message("FillPlain", tags, "plain-" + i + " 键-" + i % 7, i * 3, body, true);
            message.putUserProperty("number", String.valueOf(i));
            message.putUserProperty("名", "值 = " + i + " \"{}\"");
            if (i % 5 == 0) message.setBuyerId("buyer-" + i);
            send(message, i % 4);
            key("FillPlain", "plain-" + i);
        }
        for (int i = 0; i < 7; i++) key("FillPlain", "键-" + i);
    }

    private static void batches() throws Exception {
        MessageQueue queue = new MessageQueue("FillBatch", brokerName, 0);
        for (int batch = 0; batch < 5; batch++) {
            List<Message> messages = new ArrayList<>();
            for (int i = batch * 20; i < batch * 20 + 20; i++) {
                byte[] body = ("batched " + i).getBytes(StandardCharsets.UTF_8);
                Message message = new Message("FillBatch", "Tag" + i % 3, "batch-" + i, i, body, true);
                message.putUserProperty("number", String.valueOf(i));
                messages.add(message);
                key("FillBatch", "batch-" + i);
            }
            check(producer.send(messages, queue));
        }
    }

    private static void delayed() throws Exception {
        for (int i = 0; i < 8; i++) {
            Message message = message("FillDelay", "delay-" + i);
            message.setDelayTimeLevel(i < 5 ? 1 : 4);
            send(message, 0);
            key(i < 5 ? "FillDelay" : "SCHEDULE_TOPIC_XXXX", "delay-" + i);
        }
        // Those of the first level have come when their topic has them.
        MessageQueue queue = new MessageQueue("FillDelay", brokerName, 0);
        for (int i = 0; producer.getDefaultMQProducerImpl().maxOffset(queue) < 5; i++) {
            if (i > 600) throw new IllegalStateException("the delayed messages do not come");
            Thread.sleep(100);
        }
    }

    private static void transactions(String namesrv) throws Exception {
        TransactionMQProducer transactional = new TransactionMQProducer("GID_fill_transactions");
        transactional.setNamesrvAddr(namesrv);
        transactional.setInstanceName("transactions");
        LocalTransactionState[] outcomes = LocalTransactionState.values();
        transactional.setTransactionListener(new TransactionListener() {
            @Override
            public LocalTransactionState executeLocalTransaction(Message message, Object outcome) {
                return (LocalTransactionState) outcome;
            }

            @Override
            public LocalTransactionState checkLocalTransaction(MessageExt message) {
                return LocalTransactionState.UNKNOW;
            }
        });
        transactional.start();
        for (int i = 0; i < 6; i++) {
            Message message = message("FillTransaction", "transaction-" + i);
            LocalTransactionState outcome = outcomes[i % outcomes.length];
            check(transactional.sendMessageInTransaction(message, outcome));
            boolean committed = outcome == LocalTransactionState.COMMIT_MESSAGE;
            key(committed ? "FillTransaction" : "RMQ_SYS_TRANS_HALF_TOPIC", "transaction-" + i);
        }
        // The outcome is told one-way; a request with an answer behind it on the same connection comes later.
        for (int i = 0; i < 20; i++) {
            long max = 0;
            for (MessageQueue queue : producer.fetchPublishMessageQueues("FillTransaction")) {
                max += producer.getDefaultMQProducerImpl().maxOffset(queue);
            }
            if (max >= 2) break;
            Thread.sleep(100);
        }
        transactional.shutdown();
    }

    private static void retried(String namesrv) throws Exception {
        for (int i = 0; i < RETRIED; i++) {
            send(message("FillRetry", "retry-" + i), 0);
            key("FillRetry", "retry-" + i);
        }
        CountDownLatch left = new CountDownLatch(RETRIED);
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer("GID_fill");
        consumer.setNamesrvAddr(namesrv);
        consumer.setInstanceName("retries");
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe("FillRetry", "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            if (messages.get(0).getReconsumeTimes() == 0) return ConsumeConcurrentlyStatus.RECONSUME_LATER;
            left.countDown();
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        if (!left.await(90, TimeUnit.SECONDS)) throw new IllegalStateException(left.getCount() + " were not tried again");
        consumer.shutdown();
    }

    private static Message message(String topic, String key) {
        return new Message(topic, "TagA", key, ("body of " + key).getBytes(StandardCharsets.UTF_8));
    }

    private static void send(Message message, int queueId) throws Exception {
        check(producer.send(message, new MessageQueue(message.getTopic(), brokerName, queueId)));
    }

    private static void check(SendResult result) {
        if (result.getSendStatus() != SendStatus.SEND_OK) throw new IllegalStateException(result.toString());
    }

    private static void key(String topic, String key) {
        System.out.println("KEY " + topic + ' ' + key);
    }
}
