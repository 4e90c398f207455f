// Names of hosts in any script, and in the ASCII that the DNS and certificates know them by (IDNA
// 2008: RFC 5890, RFC 5891).
#pragma once

#include <expected>
#include <string>

namespace strata::presentation {

// "bücher.example" in UTF-8 becomes "xn--bcher-kva.example"; a name in ASCII stays as it is. Or why
// it cannot be, in words. GNU's libidn2 is opened when the first name needs it.
[[nodiscard]] std::expected<std::string, std::string> host_name_in_ascii(const std::string& name);

}  // namespace strata::presentation
