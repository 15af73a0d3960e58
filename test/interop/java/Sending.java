import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.client.latency.LatencyFaultToleranceImpl;
import org.apache.rocketmq.client.latency.MQFaultStrategy;
import org.apache.rocketmq.client.producer.selector.SelectMessageQueueByHash;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * What the classes of the real client 4.9 choose, one line each; no broker is asked:
 *
 * <pre>
 * HASH kind arg queueId             SelectMessageQueueByHash among seven queues; kind is String, Integer or Long
 * AVOID latency isolation millis    how long MQFaultStrategy keeps off a broker, rounded to seconds
 * </pre>
 * Argument: `hash` for the first only; 5.x has other strategies.
 */
public final class Sending {
    private Sending() {}

    public static void main(String[] args) throws Exception {
        List<MessageQueue> queues = new ArrayList<>();
        for (int i = 0; i < 7; i++) queues.add(new MessageQueue("T", "a", i));
        SelectMessageQueueByHash selector = new SelectMessageQueueByHash();
        Object[] keys = {
            "a", "order-1", "订单-1", "polygenelubricants", "😀", 0, 5, -5, Integer.MAX_VALUE, Integer.MIN_VALUE,
            2147483648L, -2147483649L, 1L << 40, Long.MIN_VALUE, Long.MAX_VALUE
        };
        for (Object key : keys) {
            int queueId = selector.select(queues, null, key).getQueueId();
            System.out.println("HASH " + key.getClass().getSimpleName() + " " + key + " " + queueId);
        }
        if (args.length > 0) System.exit(0);
        long[] latencies = {0, 49, 50, 100, 549, 550, 999, 1000, 1999, 2000, 2999, 3000, 14999, 15000, 100000};
        for (long latency : latencies) {
            for (boolean isolation : new boolean[] {false, true}) {
                System.out.println("AVOID " + latency + " " + isolation + " " + avoided(latency, isolation));
            }
        }
        System.exit(0);
    }

    private static long avoided(long latency, boolean isolation) throws Exception {
        // By reflection: 5.x has other parameters, and all programs are compiled against every release.
        MQFaultStrategy strategy = MQFaultStrategy.class.getDeclaredConstructor().newInstance();
        strategy.setSendLatencyFaultEnable(true);
        long before = System.currentTimeMillis();
        MQFaultStrategy.class.getMethod("updateFaultItem", String.class, long.class, boolean.class)
            .invoke(strategy, "a", latency, isolation);
        Field tolerance = MQFaultStrategy.class.getDeclaredField("latencyFaultTolerance");
        tolerance.setAccessible(true);
        Field table = LatencyFaultToleranceImpl.class.getDeclaredField("faultItemTable");
        table.setAccessible(true);
        Object item = ((Map<?, ?>) table.get(tolerance.get(strategy))).get("a");
        Field start = item.getClass().getDeclaredField("startTimestamp");
        start.setAccessible(true);
        return Math.round((start.getLong(item) - before) / 1000.0) * 1000;
    }
}
