// What a new user does first: a file of leads, the command line, and then all of them in the hands of salespeople.
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "services/cli/processes.h"
#include "tests/bench/company.h"
#include "tests/bench/driver/experiments.h"
#include "tests/bench/driver/watch.h"

namespace tandem::bench {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{600};
constexpr char kMapping[] = R"(import: leads
source: bench
key: number
routing: automatic
fields:
  person.email: email
  person.name: name
  person.phone: phone
  facts.company: company
  facts.country: country
  facts.territory: territory
  facts.product: product
  facts.value: {column: value, currency: EUR}
  campaign: campaign
)";

void write_leads(const std::filesystem::path& file, uint64_t count, uint32_t teams) {
  std::ofstream out(file);
  out << "number,email,name,phone,company,country,territory,product,value,campaign\n";
  for (uint64_t i = 0; i < count; ++i) {
    const auto lead = lead_of("import", i, teams);
    out << i << ',' << lead.person().email() << ',' << lead.person().name() << ',' << lead.person().phone() << ','
        << lead.facts().company() << ',' << lead.facts().country() << ',' << lead.facts().territory() << ','
        << lead.facts().product() << ",1200.00," << lead.campaign() << '\n';
  }
}

Status run_import(const System& product) {
  const std::string folder = product.options().folder.string();
  const std::string program = (product.options().programs / "tandem").string();
  const std::string command = "'" + program + "' leads import '" + folder + "/leads.csv' --mapping '" + folder +
                              "/mapping.yaml' --folder '" + folder + "' --rejected-folder '" + folder + "' >'" +
                              folder + "/import.log' 2>&1";
  if (std::system(command.c_str()) == 0) return {};
  std::string words;
  for (const std::string& line : cli::last_lines(folder + "/import.log", 3)) words += " " + line;
  return make_error(Code::kAborted, "the import failed:" + words);
}

Status await_assigned(const Watch& watch, uint64_t leads) {
  const auto end = steady_clock::now() + kPatience;
  while (watch.assigned() < leads) {
    if (steady_clock::now() > end) {
      return make_error(Code::kDeadlineExceeded, "only " + std::to_string(watch.assigned()) + " leads were assigned");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return {};
}

}  // namespace

Status import_leads(const BenchOptions& options, Findings& findings, std::ostream& out) {
  const uint64_t count = options.quick ? 2'000 : 100'000;
  const auto product = make_product(system_options(options, "import"));
  TANDEM_RETURN_IF_ERROR(product->start());
  TANDEM_RETURN_IF_ERROR(product->prepare());
  TANDEM_RETURN_IF_ERROR(product->write_endpoints());
  write_leads(product->options().folder / "leads.csv", count, product->options().teams);
  std::ofstream(product->options().folder / "mapping.yaml") << kMapping;
  TANDEM_ASSIGN_OR_RETURN(const auto watch, Watch::open(*product));
  const auto begin = steady_clock::now();
  TANDEM_RETURN_IF_ERROR(run_import(*product));
  const double answered = std::chrono::duration<double>(steady_clock::now() - begin).count();
  TANDEM_RETURN_IF_ERROR(await_assigned(*watch, count));
  const double assigned = std::chrono::duration<double>(steady_clock::now() - begin).count();
  const double rate = static_cast<double>(count) / assigned;
  out << with_commas(static_cast<double>(count)) << " leads with `tandem leads import`: answered after "
      << fixed(answered, 1) << " s, all assigned after " << fixed(assigned, 1) << " s, " << with_commas(rate)
      << " rows a second.\n";
  findings["import_rows_per_s"] = rate;
  const auto floor = findings.find("floor_closed_leads_per_s");
  if (floor == findings.end() || floor->second == 0) return {};
  const double ratio = rate / floor->second;
  out << "\nGoal: at least 0.6 of the floor's leads a second in the closed loop (" << with_commas(floor->second)
      << "): " << fixed(ratio, 2) << ", " << verdict(ratio >= 0.6) << ".\n";
  return {};
}

}  // namespace tandem::bench
