import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.apache.rocketmq.client.AccessChannel;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.trace.TraceBean;
import org.apache.rocketmq.client.trace.TraceContext;
import org.apache.rocketmq.client.trace.TraceDataEncoder;
import org.apache.rocketmq.client.trace.TraceTransferBean;
import org.apache.rocketmq.client.trace.TraceType;
import org.apache.rocketmq.common.message.MessageType;

/**
 * What RocketMQ's own encoder makes of random traces, and what its decoder makes of that.
 *
 * A line each: the context as JSON, the encoded bytes in base64, the keys joined by 0x01 and sorted, each decoded record as JSON
 * joined by 0x01; the four separated by tabs. Arguments: seed count
 */
public final class TraceCodec {
    private static Random random;

    private TraceCodec() {}

    public static void main(String[] args) {
        random = new Random(Long.parseLong(args[0]));
        TraceType[] types = {TraceType.Pub, TraceType.SubBefore, TraceType.SubAfter, TraceType.EndTransaction};
        StringBuilder out = new StringBuilder();
        for (int i = Integer.parseInt(args[1]); i > 0; i--) {
            TraceContext context = context(types[random.nextInt(types.length)]);
            TraceTransferBean encoded = TraceDataEncoder.encoderFromContextBean(context);
            StringBuilder decoded = new StringBuilder();
            for (TraceContext one : TraceDataEncoder.decoderFromTraceDataString(encoded.getTransData())) {
                decoded.append(decoded.length() == 0 ? "" : "\u0001").append(json(one));
            }
            String data = Base64.getEncoder().encodeToString(encoded.getTransData().getBytes(StandardCharsets.UTF_8));
            String keys = String.join("\u0001", new TreeSet<>(encoded.getTransKey()));
            out.append(json(context)).append('\t').append(data).append('\t').append(keys).append('\t').append(decoded).append('\n');
        }
        System.out.writeBytes(out.toString().getBytes(StandardCharsets.UTF_8));
        System.exit(0);
    }

    private static String word() {
        int length = 1 + random.nextInt(12);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(random.nextInt(10) == 0 ? (char) (0x4e00 + random.nextInt(500)) : (char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }

    private static String wordOrNull() {
        return random.nextInt(4) == 0 ? null : word();
    }

    private static String keys() {
        return switch (random.nextInt(4)) {
            case 0 -> null;
            case 1 -> word() + " " + word() + " " + word();
            default -> word();
        };
    }

    private static TraceContext context(TraceType type) {
        TraceContext context = new TraceContext();
        context.setTraceType(type);
        context.setTimeStamp(random.nextLong() >>> 20);
        context.setRegionId(wordOrNull());
        context.setGroupName(word());
        context.setRequestId(word());
        context.setCostTime(random.nextInt());
        context.setSuccess(random.nextBoolean());
        context.setContextCode(random.nextInt(5));
        setLocal(context);
        boolean several = type == TraceType.SubBefore || type == TraceType.SubAfter;
        List<TraceBean> beans = new ArrayList<>();
        for (int i = several ? 1 + random.nextInt(3) : 1; i > 0; i--) beans.add(bean());
        context.setTraceBeans(beans);
        return context;
    }

    /** 4.9.1 has no such field. */
    private static void setLocal(TraceContext context) {
        try {
            TraceContext.class.getMethod("setAccessChannel", AccessChannel.class).invoke(context, AccessChannel.LOCAL);
        } catch (NoSuchMethodException e) {
            return;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TraceBean bean() {
        TraceBean bean = new TraceBean();
        bean.setTopic(word());
        bean.setMsgId(word());
        bean.setOffsetMsgId(wordOrNull());
        bean.setTags(wordOrNull());
        bean.setKeys(keys());
        bean.setStoreHost(word());
        bean.setRetryTimes(random.nextInt());
        bean.setBodyLength(random.nextInt());
        bean.setMsgType(MessageType.values()[random.nextInt(4)]);
        bean.setTransactionId(wordOrNull());
        bean.setTransactionState(LocalTransactionState.values()[random.nextInt(3)]);
        bean.setFromTransactionCheck(random.nextBoolean());
        return bean;
    }

    private static String json(TraceContext c) {
        StringBuilder beans = new StringBuilder();
        for (TraceBean b : c.getTraceBeans()) {
            beans.append(beans.length() == 0 ? "" : ",")
                .append("{\"topic\":").append(Json.text(b.getTopic())).append(",\"msgId\":").append(Json.text(b.getMsgId()))
                .append(",\"offsetMsgId\":").append(Json.text(b.getOffsetMsgId())).append(",\"tags\":").append(Json.text(b.getTags()))
                .append(",\"keys\":").append(Json.text(b.getKeys())).append(",\"storeHost\":").append(Json.text(b.getStoreHost()))
                .append(",\"retryTimes\":").append(b.getRetryTimes()).append(",\"bodyLength\":").append(b.getBodyLength())
                .append(",\"msgType\":").append(b.getMsgType() == null ? -1 : b.getMsgType().ordinal())
                .append(",\"transactionId\":").append(Json.text(b.getTransactionId()))
                .append(",\"transactionState\":")
                .append(b.getTransactionState() == null ? "null" : Json.text(b.getTransactionState().name()))
                .append(",\"fromTransactionCheck\":").append(b.isFromTransactionCheck()).append('}');
        }
        return "{\"traceType\":" + Json.text(c.getTraceType().name()) + ",\"timeStamp\":" + c.getTimeStamp()
            + ",\"regionId\":" + Json.text(c.getRegionId()) + ",\"groupName\":" + Json.text(c.getGroupName())
            + ",\"requestId\":" + Json.text(c.getRequestId()) + ",\"costTime\":" + c.getCostTime()
            + ",\"success\":" + c.isSuccess() + ",\"contextCode\":" + c.getContextCode() + ",\"beans\":[" + beans + "]}";
    }
}
