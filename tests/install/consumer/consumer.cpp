// A program of somebody else's: includes the installed headers, links
// the installed libraries, and asks each a little.
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstdio>

#include "strata/0_foundation/checksum.hpp"
// The public face, as an embedder includes it.
#if __has_include("strata/host.hpp")
#include "strata/host.hpp"
#endif
#if __has_include("strata/lab.hpp")
#include "strata/lab.hpp"
#endif

int main() {
    const std::array<std::byte, 4> bytes{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
    if (strata::sum_words(bytes) == 0) return 1;

    boost::asio::io_context context;
    bool ran = false;
    boost::asio::post(context, [&ran] { ran = true; });
    context.run();
    std::puts(ran ? "consumer: ran" : "consumer: did not run");
    return ran ? 0 : 1;
}
