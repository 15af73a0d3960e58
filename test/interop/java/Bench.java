import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * The load of the benchmark, the same client for both brokers.
 *
 * <pre>
 * Bench namesrv topic sync    threads seconds bodySize warmupSeconds
 * Bench namesrv topic transaction threads seconds bodySize warmupSeconds     each committed at once
 * Bench namesrv topic async   window  seconds bodySize warmupSeconds
 * Bench namesrv topic fill    window  count   bodySize 0
 * Bench namesrv topic consume group   count   0        warmupSeconds
 * Bench namesrv topic receipt pauseMs seconds bodySize warmupSeconds
 * </pre>
 *
 * One JSON line on standard output. `MARK begin` and `MARK end` on standard error stand around the measured time,
 * so that the harness can read the broker's CPU clock at those moments; what is sent or got in the warm-up before
 * `MARK begin` is in no figure. fill sends `count` messages and sends those again that failed. consume takes a whole
 * backlog of `count` messages from the first offset with a new group; its clock starts warmupSeconds after the first
 * message. receipt sends one message every `pauseMs` and takes the time from the call of send to the listener of the one
 * consumer that waits, in this process: its latencies are those.
 */
public final class Bench {
    private static volatile boolean measuring;
    private static volatile boolean running = true;
    private static final AtomicLong errors = new AtomicLong();
    private static volatile String firstError;

    private Bench() {}

    public static void main(String[] args) throws Exception {
        String mode = args[2];
        double warm = Double.parseDouble(args[6]);
        if (mode.equals("consume")) {
            consume(args[0], args[1], args[3], Long.parseLong(args[4]), warm);
            return;
        }
        DefaultMQProducer producer = mode.equals("transaction") ? committing() : new DefaultMQProducer("bench_producer");
        producer.setNamesrvAddr(args[0]);
        producer.setInstanceName("bench-" + ProcessHandle.current().pid());
        producer.setSendMsgTimeout(15_000);
        producer.setRetryTimesWhenSendFailed(0);
        producer.setRetryTimesWhenSendAsyncFailed(0);
        producer.start();
        int width = Integer.parseInt(args[3]);
        double seconds = Double.parseDouble(args[4]);
        byte[] body = new byte[Integer.parseInt(args[5])];
        Arrays.fill(body, (byte) 'x');
        if (mode.equals("receipt")) receipt(producer, args, body, seconds, warm);
        else if (mode.equals("sync") || mode.equals("transaction")) sync(producer, args[1], width, seconds, body, warm);
        else if (mode.equals("fill")) fill(producer, args[1], width, Long.parseLong(args[4]), body);
        else async(producer, args[1], width, seconds, body, warm);
        producer.shutdown();
        System.exit(0);
    }

    private static DefaultMQProducer committing() {
        TransactionMQProducer producer = new TransactionMQProducer("bench_transactions");
        producer.setTransactionListener(new TransactionListener() {
            @Override public LocalTransactionState executeLocalTransaction(Message message, Object arg) {
                return LocalTransactionState.COMMIT_MESSAGE;
            }

            @Override public LocalTransactionState checkLocalTransaction(MessageExt message) {
                return LocalTransactionState.COMMIT_MESSAGE;
            }
        });
        return producer;
    }

    private static void sync(DefaultMQProducer producer, String topic, int threads, double seconds, byte[] body,
        double warm) throws Exception {
        Samples[] samples = new Samples[threads];
        Thread[] workers = new Thread[threads];
        for (int i = 0; i < threads; i++) {
            Samples mine = samples[i] = new Samples();
            workers[i] = new Thread(() -> {
                while (running) {
                    long start = System.nanoTime();
                    boolean counted = measuring;
                    try {
                        Message message = new Message(topic, body);
                        SendResult result = producer instanceof TransactionMQProducer
                            ? producer.sendMessageInTransaction(message, null) : producer.send(message);
                        if (result.getSendStatus() != SendStatus.SEND_OK) failed(result.toString());
                        else if (counted && measuring) mine.add((System.nanoTime() - start) / 1000);
                    } catch (Exception e) {
                        failed(e.toString());
                    }
                }
            });
            workers[i].start();
        }
        Clock clock = measure(seconds, warm);
        running = false;
        for (Thread worker : workers) worker.join();
        report("sync", Samples.total(samples), clock, Samples.merge(samples));
    }

    private static void async(DefaultMQProducer producer, String topic, int window, double seconds, byte[] body,
        double warm) throws Exception {
        Semaphore free = new Semaphore(window);
        AtomicLong acknowledged = new AtomicLong();
        SendCallback callback = new SendCallback() {
            @Override public void onSuccess(SendResult result) {
                if (result.getSendStatus() != SendStatus.SEND_OK) failed(result.toString());
                else if (measuring) acknowledged.incrementAndGet();
                free.release();
            }

            @Override public void onException(Throwable e) {
                failed(e.toString());
                free.release();
            }
        };
        Thread sender = new Thread(() -> {
            while (running) {
                free.acquireUninterruptibly();
                try {
                    producer.send(new Message(topic, body), callback);
                } catch (Exception e) {
                    failed(e.toString());
                    free.release();
                }
            }
        });
        sender.start();
        Clock clock = measure(seconds, warm);
        long counted = acknowledged.get();
        running = false;
        sender.join();
        free.acquire(window);
        report("async", counted, clock, new int[0]);
    }

    private static void fill(DefaultMQProducer producer, String topic, int window, long count, byte[] body)
        throws Exception {
        Semaphore free = new Semaphore(window);
        Clock clock = new Clock();
        AtomicLong missing = new AtomicLong(count);
        while (missing.get() > 0) {
            for (long left = missing.getAndSet(0); left > 0; left--) {
                free.acquire();
                producer.send(new Message(topic, body), new SendCallback() {
                    @Override public void onSuccess(SendResult result) {
                        free.release();
                    }

                    @Override public void onException(Throwable e) {
                        missing.incrementAndGet();
                        failed(e.toString());
                        free.release();
                    }
                });
            }
            free.acquire(window);
            free.release(window);
        }
        clock.stop();
        report("fill", count, clock, new int[0]);
    }

    private static void consume(String namesrv, String topic, String group, long count, double warm)
        throws Exception {
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(group);
        consumer.setNamesrvAddr(namesrv);
        consumer.setInstanceName("bench-" + ProcessHandle.current().pid());
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(topic, "*");
        AtomicLong got = new AtomicLong();
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch all = new CountDownLatch(1);
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            long now = got.addAndGet(messages.size());
            if (now == messages.size()) first.countDown();
            if (now >= count) all.countDown();
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        first.await();
        Thread.sleep((long) (warm * 1000));
        Clock clock = new Clock();
        long before = got.get();
        all.await();
        long counted = got.get() - before;
        clock.stop();
        report("consume", counted, clock, new int[0]);
        consumer.shutdown();
        System.exit(0);
    }

    /** The time of sending stands at the head of the body. */
    private static void receipt(DefaultMQProducer producer, String[] args, byte[] body, double seconds, double warm)
        throws Exception {
        Samples samples = new Samples();
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer("bench_receipt_" + ProcessHandle.current().pid());
        consumer.setNamesrvAddr(args[0]);
        consumer.setInstanceName("bench-receipt-" + ProcessHandle.current().pid());
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET);
        consumer.setConsumeThreadMin(1);
        consumer.setConsumeThreadMax(1);
        consumer.subscribe(args[1], "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            long now = System.nanoTime();
            for (MessageExt m : messages) {
                long sentAt = ByteBuffer.wrap(m.getBody()).getLong();
                // What another run has left in the topic has another clock's times, or none.
                if (measuring && now - sentAt < 10_000_000_000L && now > sentAt) samples.add((now - sentAt) / 1000);
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        long pause = Long.parseLong(args[3]);
        Thread sender = new Thread(() -> {
            while (running) {
                try {
                    ByteBuffer.wrap(body).putLong(System.nanoTime());
                    producer.send(new Message(args[1], body.clone()));
                    Thread.sleep(pause);
                } catch (Exception e) {
                    failed(e.toString());
                }
            }
        });
        sender.start();
        Clock clock = measure(seconds, warm);
        running = false;
        sender.join();
        Samples[] all = {samples};
        report("receipt", Samples.total(all), clock, Samples.merge(all));
        consumer.shutdown();
    }

    private static Clock measure(double seconds, double warm) throws InterruptedException {
        Thread.sleep((long) (warm * 1000));
        Clock clock = new Clock();
        measuring = true;
        Thread.sleep((long) (seconds * 1000));
        measuring = false;
        clock.stop();
        return clock;
    }

    private static void failed(String why) {
        if (errors.getAndIncrement() == 0) firstError = why;
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void report(String mode, long messages, Clock clock, int[] sorted) {
        System.out.println(String.format(Locale.ROOT,
            "{\"mode\":\"%s\",\"msgs\":%d,\"seconds\":%.3f,\"rate\":%.1f,\"p50\":%d,\"p99\":%d,\"p999\":%d,"
                + "\"errors\":%d,\"firstError\":%s,\"clientCpuSeconds\":%.3f}",
            mode, messages, clock.seconds, messages / clock.seconds, at(sorted, 0.5), at(sorted, 0.99),
            at(sorted, 0.999), errors.get(), Json.text(firstError), clock.cpuSeconds));
        System.out.flush();
    }

    private static int at(int[] sorted, double quantile) {
        if (sorted.length == 0) return 0;
        return sorted[Math.min(sorted.length - 1, (int) (quantile * sorted.length))];
    }

    /** Wall and CPU time of the measured phase; announces both ends on standard error. */
    private static final class Clock {
        private static final OperatingSystemMXBean OS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        private final long wall = System.nanoTime();
        private final long cpu = OS.getProcessCpuTime();
        private double seconds;
        private double cpuSeconds;

        Clock() {
            mark("begin");
        }

        void stop() {
            seconds = (System.nanoTime() - wall) / 1e9;
            cpuSeconds = (OS.getProcessCpuTime() - cpu) / 1e9;
            mark("end");
        }

        private static void mark(String which) {
            System.err.println("MARK " + which);
            System.err.flush();
        }
    }

    /** Latencies of one thread in microseconds. */
    private static final class Samples {
        private int[] values = new int[1 << 14];
        private int size;

        void add(long micros) {
            if (size == values.length) values = Arrays.copyOf(values, 2 * size);
            values[size++] = (int) Math.min(micros, Integer.MAX_VALUE);
        }

        static long total(Samples[] all) {
            long sum = 0;
            for (Samples s : all) sum += s.size;
            return sum;
        }

        static int[] merge(Samples[] all) {
            int[] merged = new int[(int) total(all)];
            int at = 0;
            for (Samples s : all) {
                System.arraycopy(s.values, 0, merged, at, s.size);
                at += s.size;
            }
            Arrays.sort(merged);
            return merged;
        }
    }
}
