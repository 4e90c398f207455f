// A folder's entry as one of the lines in which FTP tells of it.
//
//     LIST   -rw-r--r--   1 ftp  ftp        1234 Nov 30 05:26 notes.txt      as ls(1) writes it
//     MLSD   type=file;size=1234;modify=20261130052600;perm=r; notes.txt     RFC 3659 7
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "strata/7_application/files/file_root.hpp"
#include "strata/7_application/ftp/message/time_value.hpp"

namespace strata::application::ftp {

// Facts that an MLSx tells of (RFC 3659 7.5): those that OPTS MLST has chosen.
struct FactsWanted {
    bool type = true;
    bool size = true;
    bool modify = true;
    bool perm = true;
};
// "type*;size*;modify*;perm*;", as FEAT has it: those with a star are told of.
[[nodiscard]] std::string format_facts_wanted(const FactsWanted& wanted);
// Those of a list "size;type;" that we know; RFC 3659 7.9.
[[nodiscard]] FactsWanted parse_facts_wanted(std::string_view list);

// A line without its end, and without the name: "type=file;size=3; ". `type` is "file", "dir",
// "cdir" or "pdir".
void append_facts(std::string& to, const FileFacts& facts, std::string_view type, FileRights rights,
                  const FactsWanted& wanted);
// As ls -l has it, in UTC: with a year where that is more than half a year from `now`.
void append_list_line(std::string& to, const FileFacts& facts, std::string_view name, FileRights rights, FileTime now);

}  // namespace strata::application::ftp
