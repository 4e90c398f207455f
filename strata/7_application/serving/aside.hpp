// Aside: what waits for a disk is done on another thread, and nobody else waits for it.
//
// One thread an event loop, made when it is first needed: a service of its execution context. Used
// by the services that write.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/execution_context.hpp>
#include <memory>

#include "strata/5_session/asio/any_handler.hpp"

namespace boost::asio {
class thread_pool;
}

namespace strata::application {

// Something to be done, with all that it needs.
class Chore {
public:
    virtual ~Chore() = default;
    // On another thread.
    virtual void do_it() = 0;
};

class Aside final : public session::asio::execution_context::service {
public:
    using key_type = Aside;
    static inline session::asio::execution_context::id id;
    explicit Aside(session::asio::execution_context& context);
    ~Aside() override;
    [[nodiscard]] static Aside& of(const session::asio::any_io_executor& executor);

    // Completes with (error_code), none, when it is done; where no thread can be made it is done
    // here. The chore is kept until then. Not cancelled.
    template <typename Token>
    auto async_do(std::shared_ptr<Chore> chore, const session::asio::any_io_executor& executor, Token&& token) {
        return session::asio::async_initiate<Token, void(session::error_code)>(
            [this, executor](auto handler, std::shared_ptr<Chore> what) {
                start(std::move(what), session::WaitHandler{std::move(handler), executor});
            },
            token, std::move(chore));
    }

private:
    void start(std::shared_ptr<Chore> chore, session::WaitHandler handler);
    void shutdown() noexcept override;
    std::unique_ptr<session::asio::thread_pool> thread_;
};

}  // namespace strata::application
