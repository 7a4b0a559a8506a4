#include "services/cli/demo/demo.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>
#include <thread>
#include <utility>

#include "services/cli/demo/capture.h"
#include "services/cli/demo/report.h"
#include "services/cli/demo/salespeople.h"
#include "services/cli/demo/setup.h"
#include "services/cli/demo/show.h"
#include "services/cli/demo/watch.h"
#include "services/cli/interrupts.h"
#include "services/cli/output.h"
#include "services/cli/progress.h"
#include "services/cli/status.h"
#include "shared/base/money.h"
#include "shared/base/ports.h"
#include "shared/base/text.h"
#include "tandem/marketing/v1/service.pb.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::cli {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

// The closed loop waits with so many events that are not on the bus yet, and with so many leads on their way to sales,
// in the queue there, or assigned and unanswered.
constexpr uint64_t kUnseenHold = 64;
constexpr int64_t kOnTheWayHold = 32;
constexpr int64_t kQueueHold = 20;
constexpr size_t kAnswersHold = 200;
constexpr uint64_t kOpenDeals = 80;  // that a company of this size has on its desks
constexpr uint64_t kLateReversals = 3;
constexpr milliseconds kLook{100};          // between two looks at how the services are
constexpr int kQuietLooks = 4;              // with nothing new, for it to be quiet
constexpr std::chrono::seconds kStuck{60};  // without anything new and without quiet: something is wrong

class Demo {
 public:
  Demo(Session& session, const DemoOptions& options) : session_(session), options_(options) {}
  ~Demo() { stop_floor(); }

  Status run() {
    catch_interrupts();
    const Status done = through_the_month();
    stop_floor();
    // However it ends: nobody else's leads are to be in such a hurry.
    const Status calm = hurried_ ? back_to_normal(session_) : Status();
    TANDEM_RETURN_IF_ERROR(done);
    TANDEM_RETURN_IF_ERROR(calm);
    if (session_.output == Format::kTable) {
      session_.out() << to_text(report_);
    } else {
      print_json(session_.out(), session_.output, to_json(report_));
    }
    if (report_.wrong.empty()) return {};
    return make_error(Code::kDataLoss, "the books", "do not balance: " + join(report_.wrong, "; "),
                      "see the logs in " + session_.folder.string() + " and tandem status");
  }

 private:
  Status through_the_month() {
    TANDEM_RETURN_IF_ERROR(prepare());
    TANDEM_RETURN_IF_ERROR(capture());
    TANDEM_RETURN_IF_ERROR(await_quiet());
    measure();
    TANDEM_RETURN_IF_ERROR(close_month());
    TANDEM_RETURN_IF_ERROR(await_quiet());
    progress_->finish();
    stop_floor();
    return do_books();
  }

  // Everything as it was before, the watch, and the company.
  Status prepare() {
    TANDEM_ASSIGN_OR_RETURN(const Endpoints* where, session_.endpoints());
    report_.bus = where->bus;
    report_.rate = options_.rate;
    TANDEM_ASSIGN_OR_RETURN(report_.books.before, count_company(session_));
    seed_ = options_.seed.value_or(report_.books.before.leads + 1);
    TANDEM_ASSIGN_OR_RETURN(events_before_, events());
    run_ = std::to_string(seed_) + "-" + std::to_string(events_before_);
    if (auto team = get_team(); team.ok()) report_.team_before = *std::move(team);
    TANDEM_ASSIGN_OR_RETURN(const auto kafka, session_.kafka_options());
    TANDEM_ASSIGN_OR_RETURN(watch_, DemoWatch::open(kafka, [this](const auto& event, const auto& message) {
                              people_->on_event(event, message);
                            }));
    hurried_ = true;
    TANDEM_RETURN_IF_ERROR(set_company_up(session_, run_));
    TANDEM_RETURN_IF_ERROR(await_readers());
    TANDEM_ASSIGN_OR_RETURN(const auto team, get_team());
    payees_ = payees_of(team);
    TANDEM_ASSIGN_OR_RETURN(rpc::Client * sales, session_.client("sales"));
    TANDEM_RETURN_IF_ERROR(sales->wait_until_connected(std::chrono::seconds(5)));
    people_ = std::make_unique<Salespeople>(sales->address(), people_options(team));
    people_->set_watch(*watch_);
    floor_ = std::thread([this] { work(); });
    TANDEM_ASSIGN_OR_RETURN(const uint64_t campaigns, count_campaigns());
    (session_.output == Format::kTable ? session_.out() : session_.err())
        << demo_title(team, campaigns, options_.leads, report_.bus) << std::endl;
    return {};
  }

  // A service that has just started reads nothing before its consumer group has said what is its own: leads that come
  // meanwhile would pile up, and their wait would count as the platform's.
  Status await_readers() {
    const auto end = Steady::now() + kStuck;
    for (;;) {
      TANDEM_ASSIGN_OR_RETURN(const auto reports, answering());
      const auto waiting = std::find_if_not(reports.begin(), reports.end(), reads_events);
      if (waiting == reports.end()) return {};
      if (interrupted()) return broken_off();
      if (Steady::now() > end) {
        return make_error(Code::kDeadlineExceeded, waiting->name, "reads no events", "see tandem doctor");
      }
      std::this_thread::sleep_for(kLook);
    }
  }

  // Every replica's report; an error if one does not answer.
  Result<std::vector<ServiceReport>> answering(const char* what_to_do = "see tandem status") {
    TANDEM_ASSIGN_OR_RETURN(auto reports, survey(session_));
    for (const ServiceReport& one : reports) {
      if (!one.status) return make_error(Code::kUnavailable, one.name, join(one.wrong, "; "), what_to_do);
    }
    return reports;
  }

  static bool reads_events(const ServiceReport& one) { return !one.status->has_unassigned_since(); }

  SalespeopleOptions people_options(const sales::v1::Team& team) const {
    SalespeopleOptions options{seed_, run_, team.definition().manager(), {}, 0};
    for (const auto& member : team.definition().members()) {
      if (!member.has_left_at() && member.leave().empty()) options.members.push_back(member.member());
    }
    const uint64_t open = report_.books.before.still_open;
    options.may_stay_open = open < kOpenDeals ? kOpenDeals - open : 0;
    return options;
  }

  // The watch and the salespeople, on a thread of their own.
  void work() {
    while (!stop_) {
      const auto any = watch_->poll(512, people_->idle() ? milliseconds(5) : milliseconds(1));
      if (!any.ok()) {
        floor_error_ = any.error();
        floor_failed_ = true;
        return;
      }
      people_->step(Steady::now() + (*any ? milliseconds(0) : milliseconds(1)));
    }
  }

  void stop_floor() {
    stop_ = true;
    if (floor_.joinable()) floor_.join();
  }

  Status capture() {
    GeneratorOptions people{seed_, run_, options_.leads, current_period().previous().begin(company_zone()),
                            SystemClock().now() - std::chrono::hours(1)};
    LeadGenerator generator(people);
    progress_ = std::make_unique<Progress>(session_.err(), is_terminal(), options_.leads);
    start_ = Steady::now();
    CaptureOptions capture;
    capture.leads = options_.leads;
    capture.rate = options_.rate;
    capture.in_flight = options_.in_flight;
    capture.hold = [this](uint64_t taken) { return somebody_is_behind(taken); };
    capture.on_progress = [this](uint64_t answered) { show(answered); };
    capture.cancelled = interrupted;
    TANDEM_ASSIGN_OR_RETURN(Captured captured, capture_leads(session_, generator, capture));
    rate_ = static_cast<double>(options_.leads) / std::chrono::duration<double>(captured.took).count();
    report_.books.sent = captured.sent;
    report_.tried_again = captured.tried_again;
    intended_ = std::move(captured.intended);
    return {};
  }

  // In the closed loop a lead is in flight until its event is on the bus, and it is with somebody if it is qualified.
  bool somebody_is_behind(uint64_t taken) const {
    const Load load = watch_->load();
    if (load.gaps > 0) return false;  // what was not seen can not be counted
    return taken > load.captured + kUnseenHold || load.between_services > kOnTheWayHold || load.in_queue > kQueueHold ||
           load.unanswered > kAnswersHold;
  }

  void show(uint64_t answered) {
    answered_ = answered;
    const Seen seen = watch_->seen();
    const double seconds = std::chrono::duration<double>(Steady::now() - start_).count();
    const double rate = rate_ > 0 ? rate_ : seconds > 0 ? static_cast<double>(answered) / seconds : 0;
    progress_->update(answered, "captured " + with_commas(answered) + "  assigned " + with_commas(seen.assigned) +
                                    "  won " + with_commas(seen.won) + "  earned " +
                                    format_money({seen.earned_minor, kDemoCurrency}) + "   " +
                                    with_commas(static_cast<uint64_t>(rate)) + " leads/s");
  }

  // Until nobody has anything to do any more, and the services have published and applied everything.
  Status await_quiet() {
    int quiet = 0;
    uint64_t last = 0;
    auto news = Steady::now();
    while (quiet < kQuietLooks) {
      std::this_thread::sleep_for(kLook);
      if (floor_failed_) return *floor_error_;
      if (interrupted()) return broken_off();
      show(answered_);
      TANDEM_ASSIGN_OR_RETURN(const auto reports, answering());
      uint64_t sum = watch_->seen().events;
      bool still = people_->idle() && (!watch_->answer_is_due() || watch_->seen().gaps > 0);
      for (const ServiceReport& one : reports) {
        if (one.first) sum += one.status->events();
        // Who has just started knows of no lag before its consumer group has said what is its own.
        still = still && reads_events(one) && one.status->lag() == 0 && one.status->unpublished() == 0;
      }
      if (sum != last) news = Steady::now();
      quiet = still && sum == last ? quiet + 1 : 0;
      last = sum;
      if (Steady::now() - news > kStuck) {
        return make_error(Code::kDeadlineExceeded, "the services", "do not come to rest", "see tandem status");
      }
    }
    return {};
  }

  // Before the month is closed, which is no part of the load.
  void measure() {
    report_.seconds = std::chrono::duration<double>(Steady::now() - start_ - kQuietLooks * kLook).count();
    if (auto now = events(); now.ok()) report_.events = *now - events_before_;
    report_.latencies = watch_->latencies();
    for (const auto& [lead, seen] : watch_->assigned_seen()) {
      const auto due = intended_.find(lead);
      if (due == intended_.end()) continue;
      report_.from_intended.push_back(
          std::chrono::duration_cast<std::chrono::microseconds>(seen - due->second).count());
    }
  }

  Status close_month() {
    report_.paid_period = current_period().previous();
    TANDEM_ASSIGN_OR_RETURN(report_.paid, pay_statements(session_, run_, report_.paid_period, payees_));
    TANDEM_ASSIGN_OR_RETURN(report_.late, take_back_late(session_, run_, report_.paid_period, kLateReversals));
    return {};
  }

  Status do_books() {
    Books& books = report_.books;
    books.sales = people_->done();
    books.sales.reversed += report_.late.deals;
    books.sales.reversed_minor += report_.late.minor;
    for (const auto& [why, count] : people_->tried_again()) report_.tried_again[why] += count;
    report_.seen = watch_->seen();
    TANDEM_ASSIGN_OR_RETURN(books.after, count_company(session_));
    TANDEM_ASSIGN_OR_RETURN(books.ledgers, count_ledgers(session_));
    TANDEM_ASSIGN_OR_RETURN(report_.team, get_team());
    TANDEM_ASSIGN_OR_RETURN(const auto reports, answering());
    for (const ServiceReport& one : reports) {
      if (!one.first) continue;
      books.unpublished += one.status->unpublished();
      books.parked += one.status->parked();
    }
    report_.wrong = discrepancies(books);
    TANDEM_ASSIGN_OR_RETURN(const Shown shown, something_to_show(session_, report_.paid_period));
    report_.one_cent = shown.chain;
    report_.next = shown.commands;
    return {};
  }

  // Events of all services since ever.
  Result<uint64_t> events() {
    TANDEM_ASSIGN_OR_RETURN(const auto reports, answering("run tandem up"));
    uint64_t sum = 0;
    for (const ServiceReport& one : reports) {
      if (one.first) sum += one.status->events();
    }
    return sum;
  }

  Result<sales::v1::Team> get_team() {
    sales::v1::GetTeam request;
    request.set_team(kDemoTeam);
    return session_.call<sales::v1::Team>(std::string(kSales) + "GetTeam", request);
  }

  Result<uint64_t> count_campaigns() {
    uint64_t count = 0;
    TANDEM_RETURN_IF_ERROR(session_.pages<marketing::v1::ListCampaignsResult>(
        std::string(kMarketing) + "ListCampaigns", type::v1::ListRequest(),
        [&count](const marketing::v1::ListCampaignsResult& page) {
          count += static_cast<uint64_t>(page.campaigns_size());
          return true;
        }));
    return count;
  }

  Session& session_;
  const DemoOptions options_;
  uint64_t seed_ = 1;
  std::string run_;
  bool hurried_ = false;  // the team has to accept within seconds
  std::set<std::string> payees_;
  uint64_t events_before_ = 0;
  std::unique_ptr<DemoWatch> watch_;
  std::unique_ptr<Salespeople> people_;
  std::thread floor_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> floor_failed_ = false;
  std::optional<Error> floor_error_;  // set before floor_failed_
  std::unique_ptr<Progress> progress_;
  Steady::time_point start_;
  uint64_t answered_ = 0;
  double rate_ = 0;
  std::unordered_map<std::string, Steady::time_point> intended_;
  DemoReport report_;
};

}  // namespace

Status run_demo(Session& session, const DemoOptions& options) { return Demo(session, options).run(); }

}  // namespace tandem::cli
