#include "shared/runtime/mailbox.h"

#include <future>
#include <memory>

namespace tandem::runtime {

void Mailbox::on_post(std::function<void()> wake) {
  std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

void Mailbox::post(std::function<void()> task) {
  std::function<void()> wake;
  {
    std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    wake = wake_;
  }
  wake();
}

bool Mailbox::call(std::function<void()> task, std::chrono::milliseconds timeout) {
  auto done = std::make_shared<std::promise<void>>();
  std::future<void> finished = done->get_future();
  post([task = std::move(task), done] {
    task();
    done->set_value();
  });
  return finished.wait_for(timeout) == std::future_status::ready;
}

size_t Mailbox::run() {
  std::vector<std::function<void()>> tasks;
  {
    std::lock_guard lock(mutex_);
    tasks.swap(tasks_);
  }
  for (auto& task : tasks) task();
  return tasks.size();
}

}  // namespace tandem::runtime
