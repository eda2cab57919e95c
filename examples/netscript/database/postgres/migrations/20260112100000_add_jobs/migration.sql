-- CreateEnum
CREATE TYPE "JobState" AS ENUM ('QUEUED', 'DONE');

-- CreateTable
CREATE TABLE "Job" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "state" "JobState" NOT NULL DEFAULT 'QUEUED',

    CONSTRAINT "Job_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Job_state_idx" ON "Job"("state");
