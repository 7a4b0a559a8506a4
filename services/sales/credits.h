// A deal's credit, split among its payees to the cent.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <string>

#include "shared/base/money.h"
#include "shared/base/result.h"
#include "tandem/sales/v1/events.pb.h"

namespace tandem::sales {

using Splits = google::protobuf::RepeatedPtrField<v1::Split>;

// Sets each split's credit: its share of the amount by largest remainder, so that the credits sum to the amount. Ties
// go by a hash of deal and payee, so that no payee gets every odd cent. INVALID_ARGUMENT if there are no shares.
Status credit(Splits& splits, const Money& amount, const std::string& deal);

// What each payee loses when `amount` of the deal is taken back: in proportion to what they have left of it. Nobody
// ever loses more than they got, and once all is taken back everybody has lost exactly what they got. `reversed` holds
// what each has lost so far, in the order of `won`; empty = nothing.
Result<Splits> take_back(const Splits& won, const Splits& reversed, const Money& amount, const std::string& deal);

// The sum of what each has lost so far, and now.
Splits sum_of(const Splits& reversed, const Splits& now);

}  // namespace tandem::sales
