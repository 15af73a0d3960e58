import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageAccessor;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * The same messages every time, unique ids included, into chosen queues of a topic with four: an empty broker stores them at
 * the same places whichever broker it is. One line for each, and the two times between which nothing was stored:
 *
 * <pre>
 * MSG number msgId offsetMsgId queueId queueOffset
 * GAP firstMillis lastMillis
 * </pre>
 *
 * Queue 0: keys of several words, two tags. Queue 1: keys whose hashes collide, Chinese texts, an id that is sent twice.
 * Queue 2: a compressed body without tag and keys, then 40 short messages with the tags A, B and C, then a body that is
 * no text. Queue 3: a body in GBK and one more, then the gap, then two more.
 * Arguments: namesrv topic brokerName
 */
public final class SendFixed {
    private static DefaultMQProducer producer;
    private static String topic;
    private static String brokerName;
    private static int number;

    private SendFixed() {}

    public static void main(String[] args) throws Exception {
        topic = args[1];
        brokerName = args[2];
        producer = new DefaultMQProducer("GID_fixed_producer");
        producer.setNamesrvAddr(args[0]);
        producer.setSendMsgTimeout(15_000);
        producer.start();
        send(0, "TagA", "order-0", utf8("body 0"));
        send(0, "TagB", "order-1 common", utf8("body 1"));
        send(0, "TagA", "common Aa", utf8("body 2"));
        send(1, "TagA", "BB", utf8("body 3"));
        send(1, "标签", "订单-1 键", utf8("你好，世界 \uD83D\uDE00"));
        send(1, "TagA", "twice", utf8("first"));
        number--;
        send(1, "TagA", "twice", utf8("second"));
        byte[] large = new byte[20_000];
        for (int i = 0; i < large.length; i++) large[i] = (byte) ('a' + i % 7);
        send(2, "", "", large);
        for (int i = 0; i < 40; i++) send(2, "Tag" + "ABC".charAt(i % 3), "many", utf8("m" + i));
        byte[] binary = new byte[64];
        new Random(7).nextBytes(binary);
        // Half of a surrogate pair, whole and cut short: malformed in a way of its own.
        byte[] surrogates = {(byte) 0xED, (byte) 0xA0, (byte) 0x80, 'A', (byte) 0xED, (byte) 0xBB};
        System.arraycopy(surrogates, 0, binary, binary.length - surrogates.length, surrogates.length);
        send(2, "TagB", "binary", binary);
        send(3, "TagA", "gbk", "中文内容".getBytes(Charset.forName("GBK")));
        send(3, "TagB", "before", utf8("before the gap"));
        long first = System.currentTimeMillis() + 1;
        Thread.sleep(1000);
        long last = System.currentTimeMillis() - 1;
        send(3, "TagA", "after", utf8("after the gap"));
        send(3, "TagC", "after", utf8("the last"));
        System.out.println("GAP " + first + ' ' + last);
        producer.shutdown();
        System.exit(0);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void send(int queueId, String tags, String keys, byte[] body) throws Exception {
        Message message = new Message(topic, tags, keys, body);
        message.putUserProperty("region", "hz");
        String id = String.format("7F0000010001ABCDEF01%08X%04X", 1_000_000 + number, number);
        MessageAccessor.putProperty(message, MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX, id);
        SendResult r = producer.send(message, new MessageQueue(topic, brokerName, queueId));
        if (r.getSendStatus() != SendStatus.SEND_OK) throw new IllegalStateException(r.toString());
        System.out.println("MSG " + number++ + ' ' + id + ' ' + r.getOffsetMsgId() + ' '
            + r.getMessageQueue().getQueueId() + ' ' + r.getQueueOffset());
    }
}
