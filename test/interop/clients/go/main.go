// The Go client as a program for the interop tests, with the output of test/interop/java's SendMessages and PushConsume.
//
//	send namesrv topic group count first sync|async|oneway|batch
//	    number msgId offsetMsgId brokerName queueId queueOffset     for each acknowledgement
//	    SENT n                                                      after the last send
//	consume namesrv topic group [name=value ...]
//	    MSG queueId queueOffset msgId key body                      for every message, from the first offset
//	    STOPPED messages=n                                          after a clean shutdown, when standard input ends
//	  tags=EXPRESSION, sql=EXPRESSION, orderly=true, model=BROADCASTING, instance=NAME, max=N (maxReconsumeTimes), namespace=NAME;
//	  messages whose key begins with `bad` fail, those with `once` the first time
//	pull namesrv topic group [wait]
//	  what test/interop/java's PullConsume prints as PULL, for each queue; it ends by itself. Only with `wait` it also pulls at
//	  the ends, where this client is held for 25 s
//	request namesrv topic unasked group count                           unasked: a topic that nobody answers
//	    ANSWER body                                                 for the reply to each request
//	produce namesrv topic group
//	  what test/interop/java's Produce does; this client has no limit of its own for bodies, and no rules for batches but one topic
//	transact namesrv topic group
//	    ASKED key                                                   before it answers the broker's question
//	    SENT key                                                    for each of commit, rollback, asked-commit, asked-rollback, of
//	                                                                which the last two are unknown until it is asked
//	  it ends when standard input ends
//
// Several name servers are separated by ';'. Exit code 1 when a send failed.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	rocketmq "github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
	"github.com/apache/rocketmq-client-go/v2/rlog"
)

// Lines are printed from several goroutines.
var (
	outLock sync.Mutex
	out     = bufio.NewWriter(os.Stdout)
)

func line(format string, args ...any) {
	outLock.Lock()
	defer outLock.Unlock()
	fmt.Fprintf(out, format+"\n", args...)
	out.Flush()
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func resolver(namesrv string) primitive.NsResolver {
	return primitive.NewPassthroughResolver(strings.Split(namesrv, ";"))
}

func message(topic string, number int) *primitive.Message {
	m := primitive.NewMessage(topic, []byte("m"+strconv.Itoa(number)))
	m.WithTag("TagGo")
	m.WithKeys([]string{"k" + strconv.Itoa(number)})
	return m
}

func acknowledged(number int, r *primitive.SendResult) {
	if r.Status != primitive.SendOK {
		check(fmt.Errorf("message %d: %s", number, r))
	}
	line("%d %s %s %s %d %d", number, r.MsgID, r.OffsetMsgID, r.MessageQueue.BrokerName, r.MessageQueue.QueueId, r.QueueOffset)
}

func send(namesrv, topic, group string, count, first int, how string) {
	p, err := rocketmq.NewProducer(
		producer.WithNsResolver(resolver(namesrv)),
		producer.WithGroupName(group),
		producer.WithInstanceName("send-"+strconv.Itoa(os.Getpid())),
		producer.WithSendMsgTimeout(15*time.Second),
		producer.WithRetry(2))
	check(err)
	check(p.Start())
	ctx := context.Background()
	var pending sync.WaitGroup
	var batch []*primitive.Message
	for i := first; i < first+count; i++ {
		m := message(topic, i)
		switch how {
		case "sync":
			r, err := p.SendSync(ctx, m)
			check(err)
			acknowledged(i, r)
		case "async":
			number := i
			pending.Add(1)
			check(p.SendAsync(ctx, func(_ context.Context, r *primitive.SendResult, err error) {
				defer pending.Done()
				check(err)
				acknowledged(number, r)
			}, m))
		case "oneway":
			check(p.SendOneWay(ctx, m))
		case "batch":
			batch = append(batch, m)
		default:
			check(fmt.Errorf("unknown way to send: %s", how))
		}
	}
	pending.Wait()
	if len(batch) > 0 {
		r, err := p.SendSync(ctx, batch...)
		check(err)
		acknowledged(first, r)
	}
	line("SENT %d", count)
	check(p.Shutdown())
}

// options reads name=value words.
func options(words []string) map[string]string {
	read := map[string]string{}
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		read[name] = value
	}
	return read
}

func selector(wanted map[string]string) consumer.MessageSelector {
	if sql := wanted["sql"]; sql != "" {
		return consumer.MessageSelector{Type: consumer.SQL92, Expression: sql}
	}
	if tags, given := wanted["tags"]; given {
		return consumer.MessageSelector{Type: consumer.TAG, Expression: tags}
	}
	return consumer.MessageSelector{}
}

func consume(namesrv, topic, group string, wanted map[string]string) {
	instance := wanted["instance"]
	if instance == "" {
		instance = "push-" + strconv.Itoa(os.Getpid())
	}
	opts := []consumer.Option{
		consumer.WithNsResolver(resolver(namesrv)),
		consumer.WithGroupName(group),
		consumer.WithInstance(instance),
		consumer.WithConsumerOrder(wanted["orderly"] == "true"),
		consumer.WithConsumeFromWhere(consumer.ConsumeFromFirstOffset),
	}
	if wanted["model"] == "BROADCASTING" {
		opts = append(opts, consumer.WithConsumerModel(consumer.BroadCasting))
	}
	if max := wanted["max"]; max != "" {
		opts = append(opts, consumer.WithMaxReconsumeTimes(int32(number(max))))
	}
	if namespace := wanted["namespace"]; namespace != "" {
		opts = append(opts, consumer.WithNamespace(namespace))
	}
	failure := consumer.ConsumeRetryLater
	if wanted["orderly"] == "true" {
		failure = consumer.SuspendCurrentQueueAMoment
	}
	c, err := rocketmq.NewPushConsumer(opts...)
	check(err)
	var lock sync.Mutex
	received := 0
	tried := map[string]bool{}
	check(c.Subscribe(topic, selector(wanted), func(_ context.Context, got ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
		lock.Lock()
		defer lock.Unlock()
		result := consumer.ConsumeSuccess
		for _, m := range got {
			key := m.GetKeys()
			line("MSG %d %d %s %s %s", m.Queue.QueueId, m.QueueOffset, m.MsgId, key, strings.TrimRight(string(m.Body), " "))
			if strings.HasPrefix(key, "bad") || strings.HasPrefix(key, "once") && !tried[key] {
				tried[key] = true
				result = failure
			}
		}
		received += len(got)
		return result, nil
	}))
	check(c.Start())
	_, err = io.Copy(io.Discard, os.Stdin)
	check(err)
	check(c.Shutdown())
	lock.Lock()
	defer lock.Unlock()
	line("STOPPED messages=%d", received)
}

func request(namesrv, topic, unasked, group string, count int) {
	p, err := rocketmq.NewProducer(
		producer.WithNsResolver(resolver(namesrv)),
		producer.WithGroupName(group),
		producer.WithInstanceName("request-"+strconv.Itoa(os.Getpid())),
		producer.WithRetry(2))
	check(err)
	check(p.Start())
	// Replies reach a client whose heartbeat the broker has. This client sends its first one a second after its start, to the
	// brokers of the topics it has used by then, and the next half a minute later.
	_, err = p.SendSync(context.Background(), primitive.NewMessage(unasked, []byte("first")))
	check(err)
	time.Sleep(3 * time.Second)
	for i := 0; i < count; i++ {
		m := primitive.NewMessage(topic, []byte("q"+strconv.Itoa(i)))
		reply, err := p.Request(context.Background(), 20*time.Second, m)
		check(err)
		line("ANSWER %s", string(reply.Body))
	}
	check(p.Shutdown())
}

var statuses = map[primitive.PullStatus]string{
	primitive.PullFound:         "FOUND",
	primitive.PullNoNewMsg:      "NO_NEW_MSG",
	primitive.PullNoMsgMatched:  "NO_MATCHED_MSG",
	primitive.PullOffsetIllegal: "OFFSET_ILLEGAL",
	primitive.PullBrokerTimeout: "BROKER_TIMEOUT",
}

// pull asks as a consumer that subscribes to one expression: this client has no other way to pull by tags.
func pull(namesrv, topic, group string, wait bool) {
	asked := []struct {
		tags   string
		ranges [][2]int
	}{{"*", [][2]int{{0, 32}, {99, 1}}}, {"A", [][2]int{{0, 32}}}, {"A || B", [][2]int{{1, 2}}}, {"C", [][2]int{{0, 32}}}}
	if wait {
		asked[0].ranges = append(asked[0].ranges, [2]int{5, 1})
	}
	for i, one := range asked {
		c, err := rocketmq.NewPullConsumer(
			consumer.WithNsResolver(resolver(namesrv)),
			consumer.WithGroupName(group+strconv.Itoa(i)),
			consumer.WithInstance("pull-"+strconv.Itoa(os.Getpid())+"-"+strconv.Itoa(i)))
		check(err)
		check(c.Subscribe(topic, consumer.MessageSelector{Type: consumer.TAG, Expression: one.tags}))
		check(c.Start())
		queues, err := c.GetTopicRouteInfo(topic)
		check(err)
		for _, queue := range queues {
			for _, offset := range one.ranges {
				pullQueue(c, queue, one.tags, offset)
			}
		}
		check(c.Shutdown())
	}
}

func pullQueue(c rocketmq.PullConsumer, queue *primitive.MessageQueue, tags string, asked [2]int) {
	r, err := c.PullFrom(context.Background(), queue, int64(asked[0]), asked[1])
	check(err)
	var bodies []string
	for _, m := range r.GetMessageExts() {
		bodies = append(bodies, string(m.Body))
	}
	line("PULL %s %d %d: %s %d %d %d %s", tags, asked[0], asked[1], statuses[r.Status], r.NextBeginOffset, r.MinOffset, r.MaxOffset,
		strings.Join(bodies, ","))
}

func started(namesrv, group, instance string, more ...producer.Option) rocketmq.Producer {
	p, err := rocketmq.NewProducer(append([]producer.Option{
		producer.WithNsResolver(resolver(namesrv)),
		producer.WithGroupName(group),
		producer.WithInstanceName(instance + "-" + strconv.Itoa(os.Getpid())),
		producer.WithSendMsgTimeout(15 * time.Second),
		producer.WithRetry(2)}, more...)...)
	check(err)
	check(p.Start())
	return p
}

func named(topic, key string) *primitive.Message {
	return primitive.NewMessage(topic, []byte(key)).WithKeys([]string{key})
}

func produce(namesrv, topic, group string) {
	ctx := context.Background()
	plain := started(namesrv, group, "plain", producer.WithCompressMsgBodyOverHowmuch(4096))
	manual := started(namesrv, group, "manual", producer.WithQueueSelector(producer.NewManualQueueSelector()))
	hash := started(namesrv, group, "hash", producer.WithQueueSelector(producer.NewHashQueueSelector()))
	unlimited := started(namesrv, group, "unlimited", producer.WithCompressMsgBodyOverHowmuch(1<<30))
	send := func(p rocketmq.Producer, m *primitive.Message) *primitive.MessageQueue {
		r, err := p.SendSync(ctx, m)
		check(err)
		line("ACK %s %d %d", strings.Fields(m.GetKeys())[0], r.MessageQueue.QueueId, r.QueueOffset)
		return r.MessageQueue
	}
	produceAsync(plain, topic)
	for i := 0; i < 10; i++ {
		check(plain.SendOneWay(ctx, named(topic, "oneway-"+strconv.Itoa(i))))
	}
	described := primitive.NewMessage(topic, []byte("described")).WithTag("T").WithKeys([]string{"described", "other"})
	described.WithProperty("a", "1")
	described.WithProperty("中", "文")
	queue := *send(plain, described)
	queue.QueueId = 2
	for i := 0; i < 5; i++ {
		m := named(topic, "queue-"+strconv.Itoa(i))
		m.Queue = &queue
		send(manual, m)
	}
	for i := 0; i < 12; i++ {
		send(hash, named(topic, fmt.Sprintf("hash-%d-%d", i%3, i/3)).WithShardingKey("order-"+strconv.Itoa(i%3)))
	}
	send(plain, primitive.NewMessage(topic, []byte(strings.Repeat("x", 100_000))).WithKeys([]string{"compressed"}))
	send(plain, named("Made_"+topic, "made"))
	_, err := plain.SendSync(ctx, named(topic, "delayed").WithDelayTimeLevel(1))
	check(err)
	refused := func(what string, p rocketmq.Producer, m ...*primitive.Message) {
		if r, err := p.SendSync(ctx, m...); err == nil {
			line("TAKEN %s %s", what, r)
		} else {
			line("REFUSED %s %s", what, strings.ReplaceAll(err.Error(), "\n", " "))
		}
	}
	large := primitive.NewMessage(topic, []byte(strings.Repeat("x", 4*1024*1024+1)))
	refused("broker", unlimited, large)
	refused("topics", plain, named(topic, "first"), named("Other"+topic, "other"))
	line("DONE")
	for _, p := range []rocketmq.Producer{plain, manual, hash, unlimited} {
		check(p.Shutdown())
	}
}

func produceAsync(p rocketmq.Producer, topic string) {
	var pending sync.WaitGroup
	for i := 0; i < 10; i++ {
		key := "async-" + strconv.Itoa(i)
		pending.Add(1)
		check(p.SendAsync(context.Background(), func(_ context.Context, r *primitive.SendResult, err error) {
			defer pending.Done()
			check(err)
			line("ACK %s %d %d", key, r.MessageQueue.QueueId, r.QueueOffset)
		}, named(topic, key)))
	}
	pending.Wait()
}

// outcomes does the local part of transactions: nothing, with the outcome that the key names.
type outcomes struct{}

func (outcomes) ExecuteLocalTransaction(m *primitive.Message) primitive.LocalTransactionState {
	return outcome(m.GetKeys())
}

func (outcomes) CheckLocalTransaction(m *primitive.MessageExt) primitive.LocalTransactionState {
	line("ASKED %s", m.GetKeys())
	return outcome(strings.TrimPrefix(m.GetKeys(), "asked-"))
}

func outcome(key string) primitive.LocalTransactionState {
	switch key {
	case "commit":
		return primitive.CommitMessageState
	case "rollback":
		return primitive.RollbackMessageState
	}
	return primitive.UnkonwnState
}

func transact(namesrv, topic, group string) {
	p, err := rocketmq.NewTransactionProducer(outcomes{},
		producer.WithNsResolver(resolver(namesrv)),
		producer.WithGroupName(group),
		producer.WithInstanceName("transact-"+strconv.Itoa(os.Getpid())),
		producer.WithRetry(2))
	check(err)
	check(p.Start())
	for _, key := range []string{"commit", "rollback", "asked-commit", "asked-rollback"} {
		_, err := p.SendMessageInTransaction(context.Background(), named(topic, key))
		check(err)
		line("SENT %s", key)
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	check(err)
	check(p.Shutdown())
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	check(err)
	return n
}

func main() {
	rlog.SetLogLevel("fatal")
	args := os.Args[1:]
	switch {
	case len(args) == 7 && args[0] == "send":
		send(args[1], args[2], args[3], number(args[4]), number(args[5]), args[6])
	case len(args) >= 4 && args[0] == "consume":
		consume(args[1], args[2], args[3], options(args[4:]))
	case len(args) == 6 && args[0] == "request":
		request(args[1], args[2], args[3], args[4], number(args[5]))
	case len(args) == 4 && args[0] == "produce":
		produce(args[1], args[2], args[3])
	case len(args) == 4 && args[0] == "transact":
		transact(args[1], args[2], args[3])
	case len(args) >= 4 && args[0] == "pull":
		pull(args[1], args[2], args[3], len(args) > 4)
	default:
		check(fmt.Errorf("usage: send namesrv topic group count first how | consume namesrv topic group [name=value ...] | " +
			"pull namesrv topic group [wait] | request namesrv topic unasked group count | produce namesrv topic group | " +
			"transact namesrv topic group"))
	}
}
