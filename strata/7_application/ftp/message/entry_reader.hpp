// Entries of a folder, as servers of all kinds write them.
//
//     MLSD   type=file;size=1234;modify=20261130052600; notes.txt       RFC 3659 7
//     LIST   -rw-r--r--   1 ftp  ftp        1234 Nov 30 05:26 notes.txt     as ls(1) has it
//            lrwxrwxrwx   1 ftp  ftp           9 Nov 30  2025 link -> notes.txt
//            11-30-26  05:26AM       <DIR>          Program Files           as DOS has it
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "strata/7_application/ftp/message/time_value.hpp"

namespace strata::application::ftp {

struct ListedEntry {
    enum class Kind : std::uint8_t { file, folder, link, other };
    std::string name;  // as it came: may be any bytes
    Kind kind = Kind::file;
    std::optional<std::uint64_t> size;
    std::optional<FileTime> modified;
};

// A line without its end. Nothing: it is none of an entry, or of the
// folder itself (type=cdir, pdir).
[[nodiscard]] std::optional<ListedEntry> parse_facts_line(std::string_view line);
// Nothing: it is none of an entry ("total 12"), or written in a way that is not known. A date
// without a year is of the twelve months before `now`.
[[nodiscard]] std::optional<ListedEntry> parse_list_line(std::string_view line, FileTime now);

}  // namespace strata::application::ftp
