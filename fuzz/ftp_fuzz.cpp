// Any bytes as what FTP says on its control connection: lines come out the same however they were
// cut, and within their bound; addresses, dates and names that are read can be written and read
// again; no name leads out, and no reply ends before its end.
// links: application
#include <algorithm>
#include <cstdlib>

#include "strata/7_application/ftp/message/command.hpp"
#include "strata/7_application/ftp/message/command_reader.hpp"
#include "strata/7_application/ftp/message/data_address.hpp"
#include "strata/7_application/ftp/message/entry_lines.hpp"
#include "strata/7_application/ftp/message/path.hpp"
#include "strata/7_application/ftp/message/reply.hpp"

namespace {

using namespace strata;
namespace ftp = application::ftp;

void require(bool holds) {
    if (!holds) std::abort();
}

std::vector<std::string> lines_of(std::string_view input, std::size_t piece) {
    ftp::CommandReader reader;
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < input.size(); at += piece) {
        reader.add(input.substr(at, piece));
        while (auto line = reader.next()) {
            require(line->text.size() <= ftp::CommandReader::line_max);
            require(!line->text.contains('\n'));
            lines.push_back(std::move(line->text));
        }
        require(!reader.has_unread());
        require(reader.take_answers().size() <= piece + 2);
    }
    return lines;
}

void look_at_addresses(std::string_view text) {
    if (const auto at = ftp::parse_port_argument(text))
        require(ftp::parse_port_argument(ftp::format_port_argument(*at)) == at);
    if (const auto at = ftp::parse_eprt_argument(text))
        require(ftp::parse_eprt_argument(ftp::format_eprt_argument(*at)).value() == *at);
    if (const auto at = ftp::find_passive_address(text)) require(at->address.is_v4() && number_of(at->port) != 0);
    if (const auto port = ftp::find_extended_passive_port(text)) require(*port != 0);
}

void look_at_names(std::string_view text) {
    const std::string name = ftp::resolve("a/b", text);
    require(!name.starts_with('/') && !name.ends_with('/') && !name.contains("//"));
    require(ftp::resolve("", name) == name);
    for (std::string_view rest = name; !rest.empty(); rest = ftp::folder_of(rest)) {
        const std::string_view entry = ftp::entry_of(rest);
        require(!entry.empty() && entry != "." && entry != "..");
    }
    const std::string said = ftp::reply(257, ftp::quoted(ftp::shown(name)));
    require(std::ranges::count(said, '\n') == 1 && said.ends_with("\r\n"));
    (void)ftp::matches(text.substr(0, text.size() / 2), text.substr(text.size() / 2));
    require(ftp::matches("*", text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1 || size > 16384) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
    const auto lines = lines_of(input, 1 + data[0]);
    require(lines == lines_of(input, 20000));
    for (const std::string& line : lines) {
        const ftp::Command command = ftp::parse_command(line);
        require(command.argument.size() <= line.size());
        look_at_addresses(command.argument);
        look_at_names(command.argument);
        if (const auto time = ftp::parse_time_value(command.argument))
            require(ftp::format_time_value(*ftp::parse_time_value(ftp::format_time_value(*time))) ==
                    ftp::format_time_value(*time));
        const ftp::FactsWanted wanted = ftp::parse_facts_wanted(command.argument);
        require(ftp::format_facts_wanted(wanted).size() <= 24 + 4);
    }
    return 0;
}
