// ReplyReader: the replies of a server, out of the bytes of the
// control connection (RFC 959 4.2), in bounded memory.
//
//     "230-Welcome\r\n any text\r\n230 Come in.\r\n"  ──▶  {230, {"Welcome", " any text", "Come in."}}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strata::application::ftp {

struct Reply {
    unsigned code = 0;               // 100 to 599
    std::vector<std::string> lines;  // without their ends, the first and the last also without the code

    [[nodiscard]] bool is_preliminary() const noexcept { return code / 100 == 1; }
    [[nodiscard]] bool is_done() const noexcept { return code / 100 == 2; }
    [[nodiscard]] bool wants_more() const noexcept { return code / 100 == 3; }
    // 4: it may go well another time (RFC 959 4.2.1).
    [[nodiscard]] bool may_pass() const noexcept { return code / 100 == 4; }
    // Of the last line.
    [[nodiscard]] const std::string& text() const noexcept { return lines.back(); }
};

class ReplyReader {
public:
    static constexpr std::size_t size_max = 256 << 10;  // bytes of one reply; FEAT and HELP have some hundred

    // All that has come since.
    void add(std::string_view bytes) { unread_ += bytes; }
    // The next whole one; nothing if the rest of it has not come.
    [[nodiscard]] std::optional<Reply> next();
    // It is no FTP, or without a bound: nothing more is read.
    [[nodiscard]] bool is_broken() const noexcept { return broken_; }
    // Something has come that is no whole reply, or has not been taken.
    [[nodiscard]] bool has_unread() const noexcept { return !unread_.empty() || reply_.code != 0; }

private:
    // True: it was the last of a reply.
    [[nodiscard]] bool take(std::string_view line);

    std::string unread_;
    Reply reply_;
    std::size_t size_ = 0;
    bool broken_ = false;
};

}  // namespace strata::application::ftp
