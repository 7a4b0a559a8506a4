// How journal entries are written: ids, legs, and working that a person can follow with a pocket calculator.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "services/incentives/tiers.h"
#include "shared/base/commission_ids.h"
#include "shared/base/decimal.h"
#include "tandem/incentives/v1/events.pb.h"
#include "tandem/incentives/v1/resources.pb.h"

namespace tandem::incentives {

// See commission_ids.h.
std::string entry_id(std::string_view owner, std::string_view of, v1::EntryKind kind);

type::v1::Money money(std::int64_t minor, const std::string& currency);

// Sets the amount and the legs: an expense owed to the payee, or back. No legs for nothing.
void set_amount(v1::Entry& entry, std::int64_t minor, const std::string& currency);
// Adds an entry's legs to account balances.
void post(const v1::Entry& entry, google::protobuf::RepeatedPtrField<v1::AccountBalance>& balances);

// Writes the lines of an entry's working; their amounts sum to the entry's.
class Working {
 public:
  Working(v1::Entry& entry, std::string currency) : entry_(entry), currency_(std::move(currency)) {}

  // A line that explains and changes nothing.
  void note(std::string text);
  // Credit that a tier pays; `amount` is what it adds to the entry.
  void slice(const Slice& slice, const Decimal& factor, std::int64_t amount);
  // A deal that is paid again, at the rate of a retroactive tier.
  void true_up(const v1::LedgerDeal& deal, std::uint32_t tier, const Decimal& rate, const Decimal& factor,
               std::int64_t amount);
  // So many more deals that are paid again: their amounts as one.
  void more_true_ups(int deals, std::int64_t credit, std::int64_t amount);
  // The cap lets only `paid` of `due` through; nothing to say if that is all.
  void cap(std::int64_t cap, const std::string& period, std::int64_t due, std::int64_t paid);
  // Commission on `taken` of the deal's credit goes back.
  void clawback(const v1::LedgerDeal& deal, std::int64_t taken, std::int64_t amount);

  std::string amount_text(std::int64_t minor) const;

 private:
  v1::WorkingLine& add(std::string text, std::int64_t credit, std::int64_t amount);

  v1::Entry& entry_;
  std::string currency_;
};

}  // namespace tandem::incentives
