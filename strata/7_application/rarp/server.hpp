// Server: a RARP server on one link with its table in files, which it looks at every few seconds.
#pragma once

#include <functional>

#include "strata/2_link/rarp/server.hpp"
#include "strata/7_application/rarp/ethers_file.hpp"

namespace strata::application::rarp {

struct ServerOptions {
    EthersFileOptions files;
    Duration look_interval = 2s;
    link::RarpServerOptions link;
};

class Server {
public:
    using Tell = std::function<void(const std::string& line)>;

    // The link outlives it. `tell` hears of each table that is taken, and of each that is not.
    // Throws std::runtime_error, one sentence, if the first cannot be.
    Server(Context context, link::Service& link, Ipv4Address own, const std::string& path, Tell tell,
           ServerOptions options = {});
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] const link::RarpServerCounters& counters() const noexcept { return answers_.counters(); }

private:
    void look();
    void take(const link::RarpTable& table);

    Context context_;
    EthersFile file_;
    Tell tell_;
    Duration look_interval_;
    link::RarpServer answers_;
    Timer timer_;
};

}  // namespace strata::application::rarp
