// Work for the service's loop from other threads.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace tandem::runtime {

class Mailbox {
 public:
  // Lets the loop wake up when something is posted. Set once, before other threads post.
  void on_post(std::function<void()> wake);

  // Any thread.
  void post(std::function<void()> task);
  // Posts and waits until it has run; false if it has not within the time (it then still runs later).
  bool call(std::function<void()> task, std::chrono::milliseconds timeout);

  // The loop: runs what is there, and how many that were.
  size_t run();

 private:
  std::mutex mutex_;
  std::vector<std::function<void()>> tasks_;
  std::function<void()> wake_ = [] {};
};

}  // namespace tandem::runtime
