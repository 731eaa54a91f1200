import type { NextConfig } from 'next';

const config: NextConfig = {
  // Loaded as they are, not bundled.
  serverExternalPackages: ['luma-sync', 'mongodb'],
};

export default config;
