// A program that was written before headers moved: it includes them by their old names.
#include "moved_headers.hpp"

#include <boost/asio/io_context.hpp>
#include <cstdio>

int main() {
    boost::asio::io_context context;
    strata::session::KernelNetwork network(context);
    strata::session::Timer timer = network.make_timer();
    timer.expires_after(strata::Duration::zero());
    bool waited = false;
    timer.async_wait([&](const boost::system::error_code& error) { waited = !error; });
    context.run();
    std::puts(waited ? "consumer_moved: ran" : "consumer_moved: did not wait");
    return waited ? 0 : 1;
}
