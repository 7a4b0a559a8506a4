// What a command to a deal must satisfy.
#pragma once

#include <optional>
#include <string>

#include "services/sales/credits.h"
#include "shared/aggregate/context.h"
#include "shared/base/violations.h"
#include "tandem/sales/v1/resources.pb.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::sales {

// It is not known; or the caller is a salesperson and not its owner.
std::optional<Error> not_for_caller(const v1::Opportunity& deal, const Context& ctx);

// "was won already, with EUR 100.00", "was lost already: too dear", "was taken back as a whole".
std::string describe_closed(const v1::Opportunity& deal);

// A known currency, the expected one if there is one; zero or more.
void check_amount(const v1::Opportunity& deal, const type::v1::Money& amount, Violations& violations);

// The splits that are asked for, or all to the owner; without credits yet, each payee with the plan that the team says
// they were on when the deal was won. Payees are unique members of the team (nullptr if it is not known) and their
// shares total 10,000.
Splits splits_of(const v1::Opportunity& deal, const v1::WinDeal& c, const v1::Team* team, Instant won_at,
                 Violations& violations);

// `amount` is not above zero, not of the deal's currency, or more than is left. All that is left is always right.
std::optional<Error> wrong_reversal(const Money& amount, const Money& left, bool asked_for);

}  // namespace tandem::sales
