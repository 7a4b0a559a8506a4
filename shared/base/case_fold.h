// Names compared whatever their letters' case.
#pragma once

#include <string>
#include <string_view>

namespace tandem {

// UTF-8 with every letter of the Latin (up to U+017F), Greek and Cyrillic blocks folded as Unicode's simple case
// folding says: "MÜLLER" and "Müller" give the same, and so do the two small sigmas. "ß" stays, and is what "ẞ"
// becomes; it is not "ss". Other letters, and bytes that are no UTF-8, stay as they are. A letter and its accent as two
// code points remain two. Ids are made of what it gives: it must never change.
std::string fold_case(std::string_view text);

}  // namespace tandem
