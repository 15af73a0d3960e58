// The Go client as a program for the interop tests, with the output of test/interop/java's SendMessages and PushConsume.
//
//	send namesrv topic group count first sync|async|oneway|batch
//	    number msgId offsetMsgId brokerName queueId queueOffset     for each acknowledgement
//	    SENT n                                                      after the last send
//	consume namesrv topic group
//	    MSG queueId queueOffset msgId key body                      for every message, from the first offset
//	    STOPPED messages=n                                          after a clean shutdown, when standard input ends
//	request namesrv topic unasked group count                           unasked: a topic that nobody answers
//	    ANSWER body                                                 for the reply to each request
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

func consume(namesrv, topic, group string) {
	c, err := rocketmq.NewPushConsumer(
		consumer.WithNsResolver(resolver(namesrv)),
		consumer.WithGroupName(group),
		consumer.WithInstance("push-"+strconv.Itoa(os.Getpid())),
		consumer.WithConsumeFromWhere(consumer.ConsumeFromFirstOffset))
	check(err)
	var lock sync.Mutex
	received := 0
	check(c.Subscribe(topic, consumer.MessageSelector{}, func(_ context.Context, got ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
		for _, m := range got {
			line("MSG %d %d %s %s %s", m.Queue.QueueId, m.QueueOffset, m.MsgId, m.GetKeys(), strings.TrimRight(string(m.Body), " "))
		}
		lock.Lock()
		received += len(got)
		lock.Unlock()
		return consumer.ConsumeSuccess, nil
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
	case len(args) == 4 && args[0] == "consume":
		consume(args[1], args[2], args[3])
	case len(args) == 6 && args[0] == "request":
		request(args[1], args[2], args[3], args[4], number(args[5]))
	default:
		check(fmt.Errorf("usage: send namesrv topic group count first how | consume namesrv topic group | request namesrv topic unasked group count"))
	}
}
