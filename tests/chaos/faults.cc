// The kinds of fault.

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "tests/chaos/nemesis.h"

namespace tandem::chaos {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Longer than a lease (3 s) and a session (3 s) of the services.
constexpr milliseconds kLongPause{3'500};

void wait(milliseconds time) { std::this_thread::sleep_for(time); }

// From `least` to twice that.
milliseconds some_time(Chance& chance, milliseconds least) {
  return least + milliseconds(below(chance, static_cast<uint64_t>(least.count())));
}

std::string one_of(Chance& chance, const std::vector<std::string>& names) { return names[below(chance, names.size())]; }

std::string someone(World& world, Chance& chance) { return one_of(chance, world.processes()); }

std::string seconds_text(milliseconds time) {
  const auto tenths = std::to_string(time.count() / 100);
  return (tenths.size() > 1 ? tenths.substr(0, tenths.size() - 1) : "0") + "." + tenths.back() + " s";
}

// Kafka takes its time to start, 4 s on a quiet machine and 40 s on a busy one: the harm lasts until then.
std::string start_broker(World& world) {
  const auto begin = steady_clock::now();
  world.broker().restart();
  return "the broker, which started in " +
         seconds_text(std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin));
}

Strike kill_service(World& world, Chance& chance) {
  const std::string name = someone(world, chance);
  world.tandem().kill9(name);
  wait(some_time(chance, milliseconds(300)));
  const auto over = steady_clock::now();
  world.tandem().start(name);
  return {name, over};
}

Strike stop_service(World& world, Chance& chance) {
  const std::string name = someone(world, chance);
  const milliseconds time = some_time(chance, kLongPause);
  world.tandem().pause(name);
  wait(time);
  world.tandem().resume(name);
  return {name + " for " + seconds_text(time), steady_clock::now()};
}

Strike kill_redis(World& world, Chance& chance) {
  world.tandem().redis().kill9();
  wait(some_time(chance, milliseconds(200)));
  const auto over = steady_clock::now();
  world.tandem().redis().restart();
  return {"Redis", over};
}

Strike stop_redis(World& world, Chance& chance) {
  const milliseconds time = some_time(chance, kLongPause);
  world.tandem().redis().pause();
  wait(time);
  world.tandem().redis().resume();
  return {"Redis for " + seconds_text(time), steady_clock::now()};
}

// The file that Redis appends to, of those of its last rewrite.
std::filesystem::path append_only_file(const std::string& folder) {
  std::filesystem::path last;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/appendonlydir")) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".incr.aof") && (last.empty() || entry.path() > last)) last = entry.path();
  }
  if (last.empty()) throw std::runtime_error("Redis has no append-only file in " + folder);
  return last;
}

Strike tear_tail(World& world, Chance& chance) {
  world.tandem().redis().kill9();
  const auto file = append_only_file(world.tandem().redis().folder());
  const uint64_t size = std::filesystem::file_size(file);
  const uint64_t torn = std::min<uint64_t>(size, 1 + below(chance, 20'000));
  std::filesystem::resize_file(file, size - torn);
  const auto over = steady_clock::now();
  world.tandem().redis().restart();
  return {std::to_string(torn) + " of " + std::to_string(size) + " bytes", over};
}

Strike empty_redis(World& world, Chance&) {
  world.tandem().redis().kill9();
  world.tandem().redis().erase_data();
  const auto over = steady_clock::now();
  world.tandem().redis().restart();
  return {"Redis", over};
}

Strike kill_broker(World& world, Chance& chance) {
  world.broker().kill9();
  wait(some_time(chance, milliseconds(300)));
  const std::string what = start_broker(world);
  return {what, steady_clock::now()};
}

Strike stop_broker(World& world, Chance& chance) {
  const milliseconds time = some_time(chance, kLongPause);
  world.broker().pause();
  wait(time);
  world.broker().resume();
  return {"the broker for " + seconds_text(time), steady_clock::now()};
}

Strike restart_broker(World& world, Chance&) {
  world.broker().stop();
  const std::string what = start_broker(world);
  return {what, steady_clock::now()};
}

Strike kill_broker_and_redis(World& world, Chance& chance) {
  world.tandem().redis().kill9();
  world.broker().kill9();
  wait(some_time(chance, milliseconds(300)));
  world.tandem().redis().restart();
  const std::string what = "Redis and " + start_broker(world);
  return {what, steady_clock::now()};
}

Strike restart_all(World& world, Chance&) {
  auto over = steady_clock::now();
  for (const std::string& name : world.processes()) {
    if (world.tandem().stop(name) != 0) throw std::runtime_error(name + " does not end as it should");
    over = steady_clock::now();
    world.tandem().start(name);
  }
  return {std::to_string(world.processes().size()) + " processes, one after the other", over};
}

void set_all(const Link& link, Proxy::Mode mode) {
  for (Proxy* proxy : link.proxies) proxy->set(mode);
}

// Half of them to the broker: there all at once, or one alone, for long enough that its group and the others give it up
// while it still has Redis.
template <Proxy::Mode kMode>
Strike spoil_link(World& world, Chance& chance) {
  const bool to_broker = below(chance, 2) == 0;
  const std::vector<Link> links = to_broker ? world.links_to_broker() : world.links();
  const size_t which = to_broker && below(chance, 3) == 0 ? 0 : below(chance, links.size());
  const Link& link = links[which];
  const milliseconds time = some_time(chance, to_broker && which > 0 ? kLongPause : milliseconds(1'500));
  set_all(link, kMode);
  wait(time);
  set_all(link, Proxy::Mode::kPass);
  return {link.name + " for " + seconds_text(time), steady_clock::now()};
}

Strike fill_disk_of_redis(World& world, Chance& chance) {
  world.fill_disk("redis");
  wait(some_time(chance, milliseconds(1'000)));
  world.empty_disk("redis");
  const auto over = steady_clock::now();
  world.tandem().redis().restart();  // it has ended, or its supervisor ends it
  return {"Redis", over};
}

Strike fill_disk_of_broker(World& world, Chance& chance) {
  world.fill_disk("broker");
  wait(some_time(chance, milliseconds(1'000)));
  world.empty_disk("broker");
  const std::string what = start_broker(world);
  return {what, steady_clock::now()};
}

// Far ahead, until the process is started anew with the true time; or a few seconds back, as a clock is put right. More
// would keep librdkafka waiting for as long: its threads sleep until a time of the wall clock. Not for long, since
// waits of the kernel's clock, which was not put back, end at once meanwhile.
Strike jump_clock(World& world, Chance& chance) {
  const std::string name = someone(world, chance);
  if (below(chance, 3) == 0) {
    const int64_t back = 1 + static_cast<int64_t>(below(chance, 4));
    world.set_clock(name, -back);
    wait(some_time(chance, milliseconds(1'500)));
    world.set_clock(name, 0);
    return {name + " back by " + std::to_string(back) + " s", steady_clock::now()};
  }
  const int64_t ahead = 1 + static_cast<int64_t>(below(chance, 180));
  world.set_clock(name, ahead * 60);
  wait(some_time(chance, milliseconds(1'500)));
  world.tandem().kill9(name);
  const auto over = steady_clock::now();
  world.tandem().start(name);
  return {name + " ahead by " + std::to_string(ahead) + " minutes", over};
}

}  // namespace

const std::vector<FaultKind>& fault_kinds() {
  static const std::vector<FaultKind> all = {
      {"kill service", kill_service},
      {"kill redis", kill_redis},
      {"kill broker", kill_broker},
      {"kill redis+broker", kill_broker_and_redis},
      {"stop service", stop_service},
      {"stop redis", stop_redis},
      {"stop broker", stop_broker},
      {"net delay", spoil_link<Proxy::Mode::kDelay>},
      {"net drop", spoil_link<Proxy::Mode::kDrop>},
      {"net half-open", spoil_link<Proxy::Mode::kHalfOpen>},
      {"net reset", spoil_link<Proxy::Mode::kReset>},
      {"net trickle", spoil_link<Proxy::Mode::kTrickle>},
      {"torn tail", tear_tail},
      {"redis emptied", empty_redis},
      {"restart all", restart_all},
      {"restart broker", restart_broker},
      {"full disk redis", fill_disk_of_redis, true},
      {"full disk broker", fill_disk_of_broker, true},
      {"clock jump", jump_clock, false, true},
  };
  return all;
}

}  // namespace tandem::chaos
