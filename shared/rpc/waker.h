// Lets a completion queue's poller return, from any thread.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include <mutex>

namespace tandem::rpc {

class Waker {
 public:
  // `tag` comes back from the queue for one or more calls of wake().
  Waker(grpc::CompletionQueue& queue, void* tag) : queue_(queue), tag_(tag) {}

  void wake();
  // The tag came back: the next wake() sends it again.
  void woken();
  // Before the queue is shut down: wake() does nothing from now on.
  void close();

 private:
  grpc::CompletionQueue& queue_;
  void* tag_;
  std::mutex mutex_;
  grpc::Alarm alarm_;
  bool under_way_ = false;
  bool closed_ = false;
};

}  // namespace tandem::rpc
