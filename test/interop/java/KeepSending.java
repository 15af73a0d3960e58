import java.nio.charset.StandardCharsets;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;

/**
 * Sends numbered messages, one after the other with a pause between, until standard input ends. Prints as SendMessages
 * does, at once, and STARTED before the first:
 *
 * <pre>
 * i msgId offsetMsgId brokerName queueId queueOffset
 * FAILED i text                                      for a send that failed after its retries
 * SENT n                                             after the last
 * </pre>
 *
 * Arguments: namesrv topic group pauseMs pollNameServerMs
 */
public final class KeepSending {
    private static volatile boolean inputEnded;

    private KeepSending() {}

    public static void main(String[] args) throws Exception {
        String topic = args[1];
        DefaultMQProducer producer = new DefaultMQProducer(args[2]);
        producer.setNamesrvAddr(args[0]);
        producer.setInstanceName("keep-" + ProcessHandle.current().pid());
        producer.setPollNameServerInterval(Integer.parseInt(args[4]));
        producer.setSendMsgTimeout(10_000);
        producer.start();
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
        line("STARTED");
        int i = 0;
        for (; !inputEnded; i++) {
            try {
                byte[] body = ("m" + i).getBytes(StandardCharsets.UTF_8);
                SendResult r = producer.send(new Message(topic, "", "k" + i, body));
                if (r.getSendStatus() != SendStatus.SEND_OK) throw new IllegalStateException(r.toString());
                line(i + " " + r.getMsgId() + ' ' + r.getOffsetMsgId() + ' ' + r.getMessageQueue().getBrokerName()
                    + ' ' + r.getMessageQueue().getQueueId() + ' ' + r.getQueueOffset());
            } catch (Exception e) {
                line("FAILED " + i + ' ' + e.toString().replace('\n', ' '));
            }
            Thread.sleep(Integer.parseInt(args[3]));
        }
        line("SENT " + i);
        producer.shutdown();
        System.exit(0);
    }

    private static void line(String text) {
        System.out.print(text + '\n');
        System.out.flush();
    }
}
