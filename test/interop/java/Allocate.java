import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.rocketmq.client.consumer.AllocateMessageQueueStrategy;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMachineRoomNearby;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragelyByCircle;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueByConfig;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueByMachineRoom;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueConsistentHash;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * Random groups and topics, divided by the real strategies; one line of JSON a case:
 *
 * <pre>{"strategy":S,"queues":["topic broker queueId"],"clients":[S],"shares":[["topic broker queueId"]]}</pre>
 *
 * Both lists are sorted, as clients sort them; shares are those of the clients in their order. The room of a broker or client is
 * what its name has before `@`; MACHINE_ROOM takes r0 and r1; CONFIG is the first two queues.
 * Arguments: seed cases
 */
public final class Allocate {
    private Allocate() {}

    public static void main(String[] args) {
        Random random = new Random(Long.parseLong(args[0]));
        int cases = Integer.parseInt(args[1]);
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < cases; i++) {
            List<MessageQueue> queues = queues(random);
            List<String> clients = clients(random);
            for (AllocateMessageQueueStrategy strategy : strategies(queues)) {
                String shares = clients.stream()
                    .map(client -> list(names(strategy.allocate("G", client, queues, clients))))
                    .collect(Collectors.joining(",", "[", "]"));
                out.append("{\"strategy\":").append(Json.text(strategy.getName()))
                    .append(",\"queues\":").append(list(names(queues)))
                    .append(",\"clients\":").append(list(clients))
                    .append(",\"shares\":").append(shares).append("}\n");
            }
        }
        System.out.print(out);
        System.out.flush();
    }

    private static List<AllocateMessageQueueStrategy> strategies(List<MessageQueue> queues) {
        AllocateMessageQueueByMachineRoom byRoom = new AllocateMessageQueueByMachineRoom();
        byRoom.setConsumeridcs(new HashSet<>(List.of("r0", "r1")));
        AllocateMessageQueueByConfig byConfig = new AllocateMessageQueueByConfig();
        byConfig.setMessageQueueList(queues.subList(0, Math.min(2, queues.size())));
        AllocateMachineRoomNearby.MachineRoomResolver resolver = new AllocateMachineRoomNearby.MachineRoomResolver() {
            @Override public String brokerDeployIn(MessageQueue queue) {
                return room(queue.getBrokerName());
            }

            @Override public String consumerDeployIn(String clientId) {
                return room(clientId);
            }
        };
        return List.of(
            new AllocateMessageQueueAveragely(),
            new AllocateMessageQueueAveragelyByCircle(),
            new AllocateMessageQueueConsistentHash(),
            byConfig,
            byRoom,
            new AllocateMachineRoomNearby(new AllocateMessageQueueAveragely(), resolver),
            new AllocateMachineRoomNearby(new AllocateMessageQueueAveragelyByCircle(), resolver));
    }

    private static String room(String name) {
        return name.substring(0, name.indexOf('@'));
    }

    private static List<MessageQueue> queues(Random random) {
        TreeSet<MessageQueue> queues = new TreeSet<>();
        int brokers = 1 + random.nextInt(4);
        for (int b = 0; b < brokers; b++) {
            String name = "r" + random.nextInt(4) + "@broker-" + (char) ('a' + random.nextInt(26));
            int count = 1 + random.nextInt(16);
            for (int id = 0; id < count; id++) queues.add(new MessageQueue("Topic", name, id));
        }
        return new ArrayList<>(queues);
    }

    private static List<String> clients(Random random) {
        Set<String> clients = new HashSet<>();
        int count = 1 + random.nextInt(8);
        for (int c = 0; c < count; c++) {
            clients.add("r" + random.nextInt(4) + "@10.0." + random.nextInt(3) + '.' + random.nextInt(256)
                + '@' + random.nextInt(40_000) + '#' + random.nextInt(1_000_000));
        }
        List<String> sorted = new ArrayList<>(clients);
        Collections.sort(sorted);
        return sorted;
    }

    private static List<String> names(List<MessageQueue> queues) {
        return queues.stream().map(q -> q.getTopic() + ' ' + q.getBrokerName() + ' ' + q.getQueueId())
            .collect(Collectors.toList());
    }

    private static String list(List<String> texts) {
        return texts.stream().map(Json::text).collect(Collectors.joining(",", "[", "]"));
    }
}
