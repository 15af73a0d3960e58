"""The C++ client (librocketmq.so, by PyPI `rocketmq`) as a program for the interop tests, with the output of
test/interop/java's SendMessages and PushConsume.

    send namesrv topic group count first sync|async|oneway
        number msgId - - - queueOffset              for each acknowledgement; the C interface tells no more
        SENT n                                      after the last send
    consume namesrv topic group
        MSG queueId queueOffset msgId key body      for every message
        STOPPED messages=n                          after a clean shutdown, when standard input ends

Its batches are not asked for: it marks them in a way that neither RocketMQ's broker nor ours takes for a batch, and one
message arrives. Several name servers are separated by ';'. Exit code 1 when a send failed. PYTHONPATH names the folder with the package;
the library writes its logs below HOME.
"""

import os
import sys
import threading

from rocketmq.client import Message, Producer, PushConsumer, SendStatus

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


def consume(namesrv, topic, group):
    received = []
    consumer = PushConsumer(group)
    consumer.set_namesrv_addr(namesrv)
    consumer.set_instance_name("push-%d" % os.getpid())

    def each(got):
        received.append(1)
        line(
            "MSG %d %d %s %s %s"
            % (got.queue_id, got.queue_offset, got.id, got.keys.decode(), got.body.decode().rstrip(" "))
        )

    consumer.subscribe(topic, each)
    consumer.start()
    sys.stdin.read()
    consumer.shutdown()
    line("STOPPED messages=%d" % len(received))


if __name__ == "__main__":
    {"send": send, "consume": consume}[sys.argv[1]](*sys.argv[2:])
    # The library's threads may outlive the main one.
    sys.stdout.flush()
    os._exit(0)
