#pragma once
// Migrations as SQL text, in the layout that the community's tools give: a comment line for each
// step, a blank line between steps, one statement a line.
//
//     -- CreateIndex
//     CREATE UNIQUE INDEX "User_email_key" ON "User"("email");

#include "base/strbuf.h"
#include "migrator/diff/steps.h"

// Appends the script of all steps, in the dialect of the model that they lead to.
void steps_render(const struct steps *steps, struct strbuf *out);

// Appends a comment that lists what may be lost or fail; nothing where there is nothing to warn of.
void steps_render_warnings(const struct steps *steps, struct strbuf *out);
