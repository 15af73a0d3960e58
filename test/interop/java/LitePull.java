import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * A lite pull consumer that subscribes, from the first offset, and commits after every poll:
 *
 * <pre>MSG queueId queueOffset key</pre>
 *
 * It ends when standard input ends; STOPPED after a clean shutdown.
 * Arguments: namesrv topic group
 */
public final class LitePull {
    private static volatile boolean inputEnded;

    private LitePull() {}

    public static void main(String[] args) throws Exception {
        DefaultLitePullConsumer consumer = new DefaultLitePullConsumer(args[2]);
        consumer.setNamesrvAddr(args[0]);
        consumer.setInstanceName("lite-" + ProcessHandle.current().pid());
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setAutoCommit(false);
        consumer.subscribe(args[1], "*");
        consumer.start();
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
        while (!inputEnded) {
            List<MessageExt> messages = consumer.poll(200);
            for (MessageExt m : messages) {
                System.out.println("MSG " + m.getQueueId() + ' ' + m.getQueueOffset() + ' ' + m.getKeys());
            }
            consumer.commitSync();
        }
        consumer.shutdown();
        System.out.println("STOPPED");
        System.exit(0);
    }
}
