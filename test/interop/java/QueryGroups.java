import java.lang.reflect.Method;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * One consumer group for each thing a message track can say: GID_all has consumed everything, GID_tagged everything with TagA,
 * GID_stuck nothing yet (its listener hangs), GID_bcast consumes by broadcast, GID_pull pulls, GID_gone has consumed everything
 * and left. Prints `READY clientId` (of GID_all) when all of it is so, and ends with its standard input.
 * Arguments: namesrv topic numberOfMessages numberWithTagA
 */
public final class QueryGroups {
    private static String namesrv;
    private static String topic;

    private QueryGroups() {}

    public static void main(String[] args) throws Exception {
        namesrv = args[0];
        topic = args[1];
        int all = Integer.parseInt(args[2]);
        int tagged = Integer.parseInt(args[3]);
        DefaultMQPushConsumer gone = consume("GID_gone", "*", all, "CLUSTERING");
        DefaultMQPushConsumer everything = consume("GID_all", "*", all, "CLUSTERING");
        consume("GID_tagged", "TagA", tagged, "CLUSTERING");
        consume("GID_bcast", "*", all, "BROADCASTING");
        hang();
        pull();
        gone.shutdown();
        System.out.println("READY " + everything.buildMQClientId());
        System.out.flush();
        while (System.in.read() >= 0) { /* only the end counts */ }
        Runtime.getRuntime().halt(0);
    }

    private static DefaultMQPushConsumer consumer(String group, String tags) throws Exception {
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(group);
        consumer.setNamesrvAddr(namesrv);
        consumer.setInstanceName(group + ProcessHandle.current().pid());
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(topic, tags);
        return consumer;
    }

    /** Returns when so many messages have come and the broker has the offsets. */
    private static DefaultMQPushConsumer consume(String group, String tags, int count, String model)
        throws Exception {
        DefaultMQPushConsumer consumer = consumer(group, tags);
        setMessageModel(consumer, model);
        AtomicInteger got = new AtomicInteger();
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            got.addAndGet(messages.size());
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        while (got.get() < count) Thread.sleep(20);
        Thread.sleep(200);
        consumer.getDefaultMQPushConsumerImpl().persistConsumerOffset();
        return consumer;
    }

    /** The enum's package is another one in 5.x. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    private static void setMessageModel(DefaultMQPushConsumer consumer, String model) throws Exception {
        for (Method method : DefaultMQPushConsumer.class.getMethods()) {
            if (!method.getName().equals("setMessageModel")) continue;
            method.invoke(consumer, Enum.valueOf((Class) method.getParameterTypes()[0], model));
        }
    }

    private static void hang() throws Exception {
        DefaultMQPushConsumer consumer = consumer("GID_stuck", "*");
        CountDownLatch began = new CountDownLatch(1);
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            began.countDown();
            try {
                Thread.sleep(Long.MAX_VALUE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        began.await();
        consumer.getDefaultMQPushConsumerImpl().persistConsumerOffset();
    }

    private static void pull() throws Exception {
        DefaultMQPullConsumer consumer = new DefaultMQPullConsumer("GID_pull");
        consumer.setNamesrvAddr(namesrv);
        consumer.setInstanceName("GID_pull" + ProcessHandle.current().pid());
        consumer.start();
        for (MessageQueue queue : consumer.fetchSubscribeMessageQueues(topic)) consumer.pull(queue, "*", 0, 1);
        consumer.getDefaultMQPullConsumerImpl().getRebalanceImpl().getmQClientFactory()
            .sendHeartbeatToAllBrokerWithLock();
    }
}
