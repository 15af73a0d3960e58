import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.apache.rocketmq.client.impl.MQClientManager;
import org.apache.rocketmq.client.impl.factory.MQClientInstance;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.client.producer.TransactionSendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * A producer of transactional messages that does what the lines of its standard input say:
 *
 * <pre>
 * send key first asked [immunitySeconds]     first, asked: commit, rollback or unknown, what it answers at once and when it is asked
 * end                                        leaves; so does the end of the input
 * </pre>
 *
 * and prints STARTED, and then:
 *
 * <pre>
 * SENT key msgId queueId queueOffset
 * FAILED key what
 * ASKED key checkTimes transactionId topic queueId     before it answers
 * </pre>
 *
 * What it answers when it is asked stands in the message: any producer of the group knows it. Arguments: namesrv topic group
 */
public final class Transactions {
    private Transactions() {}

    public static void main(String[] args) throws Exception {
        TransactionMQProducer producer = new TransactionMQProducer(args[2]);
        producer.setNamesrvAddr(args[0]);
        producer.setInstanceName("tx-" + ProcessHandle.current().pid());
        producer.setSendMsgTimeout(15_000);
        producer.setTransactionListener(new TransactionListener() {
            @Override
            public LocalTransactionState executeLocalTransaction(Message message, Object first) {
                return state((String) first);
            }

            @Override
            public LocalTransactionState checkLocalTransaction(MessageExt m) {
                line("ASKED " + m.getKeys() + ' ' + m.getUserProperty("TRANSACTION_CHECK_TIMES") + ' ' + m.getTransactionId() + ' '
                    + m.getTopic() + ' ' + m.getQueueId());
                return state(m.getUserProperty("asked"));
            }
        });
        producer.start();
        // A broker knows its producers by their heartbeats, which go to the brokers of known routes: a producer of 5.x that has sent
        // nothing knows none.
        MQClientInstance client = MQClientManager.getInstance().getOrCreateMQClientInstance(producer);
        client.updateTopicRouteInfoFromNameServer(args[1]);
        client.sendHeartbeatToAllBrokerWithLock();
        line("STARTED");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String text = in.readLine(); text != null && !"end".equals(text); text = in.readLine()) {
            String[] words = text.split(" ");
            Message message = new Message(args[1], "TagT", words[1], ("body of " + words[1]).getBytes(StandardCharsets.UTF_8));
            message.putUserProperty("asked", words[3]);
            if (words.length > 4) message.putUserProperty("CHECK_IMMUNITY_TIME_IN_SECONDS", words[4]);
            message.setFlag(7);
            try {
                TransactionSendResult r = producer.sendMessageInTransaction(message, words[2]);
                line("SENT " + words[1] + ' ' + r.getMsgId() + ' ' + r.getMessageQueue().getQueueId() + ' ' + r.getQueueOffset());
            } catch (Exception e) {
                line("FAILED " + words[1] + ' ' + e);
            }
        }
        producer.shutdown();
        System.exit(0);
    }

    private static LocalTransactionState state(String word) {
        switch (word) {
            case "commit": return LocalTransactionState.COMMIT_MESSAGE;
            case "rollback": return LocalTransactionState.ROLLBACK_MESSAGE;
            default: return LocalTransactionState.UNKNOW;
        }
    }

    private static synchronized void line(String text) {
        System.out.println(text);
        System.out.flush();
    }
}
