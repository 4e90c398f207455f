// Strata's lab, for those who test: many hosts in one process, in virtual time, from a seed.
#pragma once

#include "strata/lab/lab.hpp"
