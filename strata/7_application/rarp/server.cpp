#include "strata/7_application/rarp/server.hpp"

#include <stdexcept>

namespace strata::application::rarp {

Server::Server(Context context, link::Service& link, Ipv4Address own, const std::string& path, Tell tell,
               ServerOptions options)
    : context_(context),
      file_(path, std::move(options.files)),
      tell_(std::move(tell)),
      look_interval_(options.look_interval),
      answers_(context, link, own, options.link),
      timer_([this] { look(); }) {
    const auto table = file_.read_if_changed();
    if (!table) throw std::runtime_error(table.error());
    take(**table);
    context_.scheduler.arm_after(timer_, look_interval_);
}

// A table that is wrong does not take the place of one that was right: somebody is in the middle of
// writing it.
void Server::look() {
    context_.scheduler.arm_after(timer_, look_interval_);
    const auto table = file_.read_if_changed();
    if (!table) return tell_(table.error() + "; the table before is kept");
    if (*table) take(**table);
}

void Server::take(const link::RarpTable& table) {
    answers_.set_table(table);
    tell_("answering for " + std::to_string(table.size()) + (table.size() == 1 ? " machine" : " machines"));
}

}  // namespace strata::application::rarp
