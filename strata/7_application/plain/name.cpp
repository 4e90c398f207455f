#include "strata/7_application/plain/name.hpp"

namespace strata::application::plain {

bool NameReader::add(std::string_view bytes) {
    if (complete_) return true;
    const std::size_t newline = bytes.find('\n');
    std::string_view part = bytes.substr(0, newline);
    complete_ = newline != std::string_view::npos;
    if (name_.size() + part.size() >= name_max) {
        part = part.substr(0, name_max - name_.size());
        complete_ = true;
    }
    name_ += part;
    if (complete_ && name_.ends_with('\r')) name_.pop_back();
    return complete_;
}

}  // namespace strata::application::plain
