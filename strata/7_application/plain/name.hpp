// The request of the plain download protocol: a file's name, up to a newline, the end of the
// stream, the limit, or a pause.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace strata::application::plain {

inline constexpr std::size_t name_max = 1024;  // bytes

// Collects a name as its bytes come.
class NameReader {
public:
    // Takes what has arrived. True when the name is complete: a
    // newline came, or the limit is reached.
    bool add(std::string_view bytes);
    // The name as it was sent, without the line's end. Empty if nothing came.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
    std::string name_;
    bool complete_ = false;
};

}  // namespace strata::application::plain
