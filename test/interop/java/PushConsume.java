import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.rocketmq.client.consumer.AllocateMessageQueueStrategy;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragelyByCircle;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueConsistentHash;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * A push consumer that tells what it holds and what it gets:
 *
 * <pre>
 * READY queues=N                                  once at least minQueues are assigned
 * QUEUES N                                        at every later change of their number
 * HOLDS broker:queueId,...                        before both
 * MSG queueId queueOffset msgId key body          for every message (body without blanks at its end)
 * STOPPED messages=N                              after a clean shutdown
 * </pre>
 *
 * It ends when standard input ends, on SIGTERM, after `count:N` messages or after `idle:MS` without one
 * (counted from READY); `eof` only by the first two.
 * Arguments: namesrv topic group first|last minQueues count:N|idle:MS|eof [instanceName]
 * -Dpocketmq.tags=EXPRESSION, -Dpocketmq.sql=EXPRESSION: tags or an SQL92 filter instead of all messages.
 * -Dpocketmq.namespace=NAME: of the client, before topic and group.
 * -Dpocketmq.poll.namesrv=MS: how often routes are asked for, 30 s by default. -Dpocketmq.heartbeat=MS: how often the
 * brokers are told of the group, 30 s by default.
 * -Dpocketmq.orderly=true: in order, -Dpocketmq.work=MS a message, and for each also `SPAN queueId queueOffset beginMs endMs`
 * -Dpocketmq.model=BROADCASTING, -Dpocketmq.strategy=AVG|AVG_BY_CIRCLE|CONSISTENT_HASH
 * -Dpocketmq.max=N: maxReconsumeTimes; messages whose key begins with `bad` fail, those with `once` the first time.
 */
public final class PushConsume {
    private static final AtomicLong received = new AtomicLong();
    private static volatile long lastMessageAt;
    private static final Set<String> tried = ConcurrentHashMap.newKeySet();
    private static String heldNames = "";
    private static volatile boolean inputEnded;
    private static final PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);

    private PushConsume() {}

    public static void main(String[] args) throws Exception {
        String topic = args[1];
        int minQueues = Integer.parseInt(args[4]);
        String namespace = System.getProperty("pocketmq.namespace");
        DefaultMQPushConsumer consumer = namespace == null
            ? new DefaultMQPushConsumer(args[2]) : new DefaultMQPushConsumer(namespace, args[2]);
        consumer.setNamesrvAddr(args[0]);
        consumer.setInstanceName(args.length > 6 ? args[6] : "push-" + ProcessHandle.current().pid());
        consumer.setPollNameServerInterval(Integer.getInteger("pocketmq.poll.namesrv", 30_000));
        consumer.setHeartbeatBrokerInterval(Integer.getInteger("pocketmq.heartbeat", 30_000));
        consumer.setConsumeFromWhere(args[3].equals("first")
            ? ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET : ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET);
        String sql = System.getProperty("pocketmq.sql");
        if (sql == null) consumer.subscribe(topic, System.getProperty("pocketmq.tags", "*"));
        else consumer.subscribe(topic, MessageSelector.bySql(sql));
        setMessageModel(consumer, System.getProperty("pocketmq.model", "CLUSTERING"));
        consumer.setAllocateMessageQueueStrategy(strategy());
        consumer.setMaxReconsumeTimes(Integer.getInteger("pocketmq.max", -1));
        if (Boolean.getBoolean("pocketmq.orderly")) {
            consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
                for (MessageExt m : messages) if (!printSpan(m)) return ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT;
                return ConsumeOrderlyStatus.SUCCESS;
            });
        } else {
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                for (MessageExt m : messages) {
                    print(m);
                    if (fails(m)) return ConsumeConcurrentlyStatus.RECONSUME_LATER;
                }
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
        }
        watchInput();
        try {
            consumer.start();
        } catch (org.apache.rocketmq.client.exception.MQClientException e) {
            // Threads of the client would keep the process.
            e.printStackTrace();
            System.exit(1);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            consumer.shutdown();
            line("STOPPED messages=" + received.get());
        }));
        follow(consumer, topic, minQueues, args[5]);
        System.exit(0);
    }

    /** Releases differ in the package of MessageModel. */
    private static void setMessageModel(DefaultMQPushConsumer consumer, String name) throws Exception {
        for (Method method : DefaultMQPushConsumer.class.getMethods()) {
            if (!method.getName().equals("setMessageModel")) continue;
            for (Object model : method.getParameterTypes()[0].getEnumConstants()) {
                if (model.toString().equals(name)) method.invoke(consumer, model);
            }
        }
    }

    private static AllocateMessageQueueStrategy strategy() {
        switch (System.getProperty("pocketmq.strategy", "AVG")) {
            case "AVG_BY_CIRCLE": return new AllocateMessageQueueAveragelyByCircle();
            case "CONSISTENT_HASH": return new AllocateMessageQueueConsistentHash();
            default: return new AllocateMessageQueueAveragely();
        }
    }

    /** False for a message that is to fail. */
    private static boolean printSpan(MessageExt m) {
        long begin = System.currentTimeMillis();
        try {
            Thread.sleep(Integer.getInteger("pocketmq.work", 0));
        } catch (InterruptedException e) {
            return false;
        }
        print(m);
        line("SPAN " + m.getQueueId() + ' ' + m.getQueueOffset() + ' ' + begin + ' ' + System.currentTimeMillis());
        return !fails(m);
    }

    private static boolean fails(MessageExt m) {
        String key = String.valueOf(m.getKeys());
        return key.startsWith("bad") || key.startsWith("once") && tried.add(key);
    }

    private static void follow(DefaultMQPushConsumer consumer, String topic, int minQueues, String until)
        throws InterruptedException {
        int held = -1;
        boolean ready = false;
        while (!inputEnded) {
            TreeSet<MessageQueue> queues = new TreeSet<>();
            for (MessageQueue queue
                : consumer.getDefaultMQPushConsumerImpl().getRebalanceImpl().getProcessQueueTable().keySet()) {
                if (queue.getTopic().equals(topic)) queues.add(queue);
            }
            int now = queues.size();
            String holds = queues.stream().map(q -> q.getBrokerName() + ':' + q.getQueueId())
                .collect(Collectors.joining(","));
            if (!holds.equals(heldNames)) line("HOLDS " + holds);
            heldNames = holds;
            if (!ready && now >= minQueues) {
                ready = true;
                lastMessageAt = System.nanoTime();
                line("READY queues=" + now);
            } else if (ready && now != held) {
                line("QUEUES " + now);
            }
            held = now;
            if (ready && done(until)) return;
            Thread.sleep(20);
        }
    }

    private static boolean done(String until) {
        if (until.startsWith("count:")) return received.get() >= Long.parseLong(until.substring(6));
        if (until.startsWith("idle:")) {
            return System.nanoTime() - lastMessageAt > Long.parseLong(until.substring(5)) * 1_000_000L;
        }
        return false;
    }

    private static void print(MessageExt m) {
        String body = new String(m.getBody(), StandardCharsets.UTF_8).stripTrailing();
        line("MSG " + m.getQueueId() + ' ' + m.getQueueOffset() + ' ' + m.getMsgId() + ' ' + m.getKeys() + ' ' + body);
        lastMessageAt = System.nanoTime();
        received.incrementAndGet();
    }

    private static synchronized void line(String text) {
        out.print(text + '\n');
        out.flush();
    }

    private static void watchInput() {
        Thread watcher = new Thread(() -> {
            try {
                while (System.in.read() >= 0) { /* only the end counts */ }
            } catch (java.io.IOException e) {
                // A broken pipe is an end as well.
            }
            inputEnded = true;
        });
        watcher.setDaemon(true);
        watcher.start();
    }
}
