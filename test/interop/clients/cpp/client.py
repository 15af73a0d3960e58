"""The C++ client (librocketmq.so, by PyPI `rocketmq`) as a program for the interop tests, with the output of
test/interop/java's SendMessages and PushConsume.

    send namesrv topic group count first sync|async|oneway
        number msgId - - - queueOffset              for each acknowledgement; the C interface tells no more
        SENT n                                      after the last send
    consume namesrv topic group [name=value ...]
        MSG queueId queueOffset msgId key body      for every message
        STOPPED messages=n                          after a clean shutdown, when standard input ends
      tags=EXPRESSION, orderly=true, model=BROADCASTING, instance=NAME; messages whose key begins with `bad` fail, those with
      `once` the first time
    pull namesrv topic group
      what test/interop/java's PullConsume prints as PULL, for each queue; it ends by itself
    produce namesrv topic group
      what test/interop/java's Produce does, but for batches; it chooses the queue itself by the number that would be hashed

Its batches are not asked for: it marks them in a way that neither RocketMQ's broker nor ours takes for a batch, and one
message arrives. Several name servers are separated by ';'. Exit code 1 when a send failed. PYTHONPATH names the folder with the package;
the library writes its logs below HOME.
"""

import ctypes
import os
import sys
import threading

from rocketmq.client import Message, Producer, PullConsumer, PushConsumer, RecvMessage, SendStatus
from rocketmq.exceptions import ffi_check
from rocketmq.ffi import MessageModel, _CConsumeStatus, _CMessageQueue, _CPullStatus, dll

lock = threading.Lock()


def line(text):
    with lock:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def message(topic, number):
    made = Message(topic)
    made.set_keys("k%d" % number)
    made.set_tags("TagCpp")
    made.set_body("m%d" % number)
    return made


def acknowledged(number, result):
    if result.status != SendStatus.OK:
        raise RuntimeError("message %d: %s" % (number, result.status))
    line("%d %s - - - %d" % (number, result.msg_id, result.offset))


def send(namesrv, topic, group, count, first, how):
    producer = Producer(group, timeout=15000)
    producer.set_namesrv_addr(namesrv)
    producer.start()
    numbers = range(int(first), int(first) + int(count))
    if how == "async":
        send_async(producer, topic, numbers)
    else:
        for number in numbers:
            if how == "sync":
                acknowledged(number, producer.send_sync(message(topic, number)))
            elif how == "oneway":
                producer.send_oneway(message(topic, number))
            else:
                raise RuntimeError("unknown way to send: " + how)
    line("SENT " + count)
    producer.shutdown()


def send_async(producer, topic, numbers):
    """The library calls back from threads of its own; a failure there must not be lost."""
    faults = []
    pending = threading.Semaphore(0)
    kept = []

    def success(number):
        def done(result):
            try:
                acknowledged(number, result)
            except Exception as fault:  # handed to the main thread
                faults.append(fault)
            pending.release()

        return done

    def failure(fault):
        faults.append(fault)
        pending.release()

    for number in numbers:
        kept.append(message(topic, number))
        producer.send_async(kept[-1], success(number), failure)
    for _ in numbers:
        if not pending.acquire(timeout=60):
            raise RuntimeError("an asynchronous send was never answered")
    if faults:
        raise RuntimeError(faults[0])


def named(topic, key):
    made = Message(topic)
    made.set_keys(key)
    made.set_body(key)
    return made


def started(namesrv, group, instance, **options):
    producer = Producer(group, timeout=15000, **options)
    producer.set_namesrv_addr(namesrv)
    # The binding's own name for it is another one.
    ffi_check(dll.SetProducerInstanceName(producer._handle, ("%s-%d" % (instance, os.getpid())).encode()))
    producer.start()
    return producer


def produce(namesrv, topic, group):
    producer = started(namesrv, group, "produce")
    produce_async(producer, topic)
    for number in range(10):
        producer.send_oneway(named(topic, "oneway-%d" % number))

    def told(key, result):
        line("ACK %s - %d" % (key, result.offset))

    for number in range(5):
        key = "queue-%d" % number
        told(key, producer.send_orderly(named(topic, key), 0, queue_selector=lambda *_: 2))
    for number in range(12):
        key = "hash-%d-%d" % (number % 3, number // 3)
        told(key, producer.send_orderly(named(topic, key), number % 3))
    large = named(topic, "compressed")
    large.set_body("x" * 100000)
    told("compressed", producer.send_sync(large))
    delayed = named(topic, "delayed")
    delayed.set_delay_time_level(1)
    producer.send_sync(delayed)
    described = named(topic, "described other")
    described.set_body("described")
    described.set_tags("T")
    described.set_property("a", "1")
    described.set_property("中", "文")
    told("described", producer.send_sync(described))
    producer.send_sync(named("Made_" + topic, "made"))
    produce_too_large(namesrv, topic, group, producer)
    line("DONE")
    producer.shutdown()


def produce_async(producer, topic):
    pending = threading.Semaphore(0)
    kept = []

    def answered(key):
        def done(result):
            line("ACK %s - %d" % (key, result.offset))
            pending.release()

        return done

    def failed(fault):
        line("FAILED %s" % fault)
        pending.release()

    for number in range(10):
        kept.append(named(topic, "async-%d" % number))
        producer.send_async(kept[-1], answered("async-%d" % number), failed)
    for _ in kept:
        if not pending.acquire(timeout=60):
            raise RuntimeError("an asynchronous send was never answered")


def produce_too_large(namesrv, topic, group, limited):
    size = 4 * 1024 * 1024 + 1
    unlimited = started(namesrv, group + "_unlimited", "unlimited", max_message_size=2 * size)
    ffi_check(dll.SetProducerCompressMsgBodyOverHowmuch(ctypes.c_void_p(unlimited._handle), 2 * size))
    for what, producer in (("client", limited), ("broker", unlimited)):
        large = named(topic, "large")
        large.set_body("x" * size)
        try:
            line("TAKEN %s %s" % (what, producer.send_sync(large)))
        except Exception as fault:
            line("REFUSED %s %s" % (what, str(fault).replace("\n", " ")))
    unlimited.shutdown()


def consume(namesrv, topic, group, *words):
    wanted = dict(word.split("=", 1) for word in words)
    received = []
    tried = set()
    model = MessageModel.BROADCASTING if wanted.get("model") == "BROADCASTING" else MessageModel.CLUSTERING
    consumer = PushConsumer(group, orderly=wanted.get("orderly") == "true", message_model=model)
    consumer.set_namesrv_addr(namesrv)
    consumer.set_instance_name(wanted.get("instance", "push-%d" % os.getpid()))

    def each(_, handle):
        got = RecvMessage(handle)
        received.append(1)
        key = got.keys.decode()
        line("MSG %d %d %s %s %s" % (got.queue_id, got.queue_offset, got.id, key, got.body.decode().rstrip(" ")))
        if key.startswith("bad") or (key.startswith("once") and key not in tried):
            tried.add(key)
            return _CConsumeStatus.RECONSUME_LATER.value
        return _CConsumeStatus.CONSUME_SUCCESS.value

    # Not by PushConsumer.subscribe: it lets what its callback raises out into the library, which takes that for any status.
    ffi_check(dll.Subscribe(consumer._handle, topic.encode(), wanted.get("tags", "*").encode()))
    consumer._register_callback(each)
    consumer.start()
    sys.stdin.read()
    consumer.shutdown()
    line("STOPPED messages=%d" % len(received))


def pull(namesrv, topic, group):
    """By the library's own call: the binding's generator shows no status."""
    consumer = PullConsumer(group)
    consumer.set_namesrv_addr(namesrv)
    consumer.start()
    queues = ctypes.POINTER(_CMessageQueue)()
    count = ctypes.c_int()
    asked = (consumer._handle, topic.encode(), ctypes.pointer(queues), ctypes.pointer(count))
    ffi_check(dll.FetchSubscriptionMessageQueues(*asked))
    for i in sorted(range(count.value), key=lambda i: queues[i].queueId):
        line("QUEUE %s %d" % (queues[i].brokerName.decode(), queues[i].queueId))
        for tags, offset, most in (("*", 0, 32), ("A", 0, 32), ("A || B", 1, 2), ("C", 0, 32), ("*", 5, 1), ("*", 99, 1)):
            result = dll.Pull(consumer._handle, ctypes.pointer(queues[i]), tags.encode(), offset, most)
            bodies = [RecvMessage(result.msgFoundList[j]).body.decode() for j in range(result.size)]
            status = _CPullStatus(result.pullStatus).name
            told = (tags, offset, most, status, result.nextBeginOffset, result.minOffset, result.maxOffset)
            line("PULL %s %d %d: %s %d %d %d %s" % (*told, ",".join(bodies)))
            dll.ReleasePullResult(result)
    consumer.shutdown()


if __name__ == "__main__":
    {"send": send, "consume": consume, "pull": pull, "produce": produce}[sys.argv[1]](*sys.argv[2:])
    # The library's threads may outlive the main one.
    sys.stdout.flush()
    os._exit(0)
